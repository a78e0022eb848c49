# LemonLDAP::NG's portal and its own static files, in one application: no web server stands in front.
use strict;
use warnings;
use Lemonldap::NG::Portal::Main;
use Plack::App::File;
use Plack::Builder;
use Plack::Util;

# The usual captcha module is loaded even when no form has a captcha, and wants two graphic libraries.
package Tests::NoCaptcha {
    use Mouse;
    extends 'Lemonldap::NG::Portal::Main::Plugin';
    sub init { return 1 }
    $INC{'Tests/NoCaptcha.pm'} = __FILE__;
}

# A cookie of "domain=.127.0.0.2" is taken by no browser: without a domain, it belongs to this host.
sub host_only {
    my $app = shift;
    return sub {
        return Plack::Util::response_cb( $app->(shift), sub {
            my $headers = shift->[1];
            for my $i ( grep { $_ % 2 == 0 } 0 .. $#{$headers} ) {
                $headers->[ $i + 1 ] =~ s/;\s*domain=[^;]*//i if lc $headers->[$i] eq 'set-cookie';
            }
            return;
        } );
    };
}

my $portal = Lemonldap::NG::Portal::Main->run( {} );

builder {
    enable \&host_only;
    mount '/static'     => Plack::App::File->new( root => '/usr/share/lemonldap-ng/portal/htdocs/static' )->to_app;
    mount '/javascript' => Plack::App::File->new( root => '/usr/share/javascript' )->to_app;
    mount '/'           => $portal;
};
