"""What LemonLDAP::NG reads when it starts: its people, its key, the services it knows. All of it lies in one folder."""

import json
import sqlite3
from pathlib import Path
from typing import Any

from joserfc.jwk import RSAKey

PEOPLE: dict[str, dict[str, Any]] = {
    person["uid"]: person for person in json.loads(Path(__file__).with_name("people.json").read_text(encoding="utf-8"))
}
COLUMNS = [column for column in PEOPLE["elefevre"] if column != "password"]
SEVERAL = "; "  # what LemonLDAP puts between the values of one attribute

CLIENT = "logitheque"
CAS_WITH_ATTRIBUTES, CAS_BARE, OIDC = "lemonldap-cas", "lemonldap-nu", "lemonldap-oidc"

# A password typed within these seconds is fresh: LemonLDAP asks it again only after them. Its own five would be
# too few for a busy machine; nothing waits for them, see `LemonLDAP.let_time_pass`.
FRESH = 30

INI = """[all]
logLevel = warn
checkTime = 0
[configuration]
type = File
dirName = {folder}/conf
localStorage = Cache::FileCache
localStorageOptions = {{ 'namespace' => 'configuration', 'cache_root' => '{folder}/cache' }}
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = fr, en
"""


def write(folder: Path, address: str, portal: str, secret: str) -> Path:
    """Return the file that LemonLDAP is told of: it leads to all the others."""
    for name in ("conf", "cache", "sessions/lock", "psessions/lock", "notifications"):
        (folder / name).mkdir(parents=True)
    _people(folder / "people.sqlite")
    said = _ground(folder, address) | _people_and_sessions(folder) | _cas(portal) | _openid(address, portal, secret)
    (folder / "conf" / "lmConf-1.json").write_text(json.dumps(said), encoding="utf-8")
    ini = folder / "lemonldap-ng.ini"
    ini.write_text(INI.format(folder=folder), encoding="utf-8")
    return ini


def sessions(folder: Path) -> list[Path]:
    return [path for path in (folder / "sessions").iterdir() if path.is_file()]


def _people(path: Path) -> None:
    columns = [*COLUMNS, "password"]
    rows = [
        [SEVERAL.join(person[column]) if isinstance(person[column], list) else person[column] for column in columns]
        for person in PEOPLE.values()
    ]
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(f"CREATE TABLE people ({', '.join(f'{column} TEXT' for column in columns)})")
        connection.executemany(f"INSERT INTO people VALUES ({', '.join('?' * len(columns))})", rows)
    connection.close()


def _ground(folder: Path, address: str) -> dict[str, Any]:
    return {
        "cfgNum": 1,
        "cfgAuthor": "tests",
        "cfgDate": "1700000000",
        "cfgVersion": "2.16.1",
        "key": "0123456789abcdef",
        "portal": f"{address}/",
        "domain": "lemonldap.test",  # must look like one, though app.psgi takes it out of the cookies
        "securedCookie": 0,
        "portalSkin": "bootstrap",
        "locationRules": {},  # without it, LemonLDAP does not start
        "exportedHeaders": {},
        "captcha": "Tests::NoCaptcha",
        "notification": 0,
        "loginHistoryEnabled": 0,
        "portalCheckLogins": 0,
        "portalForceAuthnInterval": FRESH,
        "skipRenewConfirmation": 1,
        "notificationStorage": "File",
        "notificationStorageOptions": {"dirName": f"{folder}/notifications"},
    }


def _people_and_sessions(folder: Path) -> dict[str, Any]:
    return {
        "authentication": "DBI",
        "userDB": "Same",
        "passwordDB": "Null",
        "registerDB": "Null",
        "dbiAuthChain": f"dbi:SQLite:dbname={folder}/people.sqlite",
        "dbiAuthTable": "people",
        "dbiAuthLoginCol": "uid",
        "dbiAuthPasswordCol": "password",
        "dbiAuthPasswordHash": "",
        "dbiUserTable": "people",
        "userPivot": "uid",
        "dbiExportedVars": {column: column for column in COLUMNS},
        "exportedVars": {},
        "macros": {"_whatToTrace": "lc($_user)"},
        "whatToTrace": "_whatToTrace",
        "multiValuesSeparator": SEVERAL,
        "globalStorage": "Apache::Session::File",
        "globalStorageOptions": {
            "Directory": f"{folder}/sessions",
            "LockDirectory": f"{folder}/sessions/lock",
            "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256",
        },
        "persistentStorage": "Apache::Session::File",
        "persistentStorageOptions": {"Directory": f"{folder}/psessions", "LockDirectory": f"{folder}/psessions/lock"},
        # Sessions are read again each time, from their file alone: `let_time_pass` changes it.
        "localSessionStorage": "",
        "handlerInternalCache": 0,
    }


def _cas(portal: str) -> dict[str, Any]:
    return {
        "issuerDBCASActivation": 1,
        "casAttr": "uid",
        "casAccessControlPolicy": "error",  # a service that is not registered gets no ticket
        "casStrictMatching": 1,  # registered by the beginning of its address, not by its host alone
        "casBackChannelSingleLogout": 1,
        "casTicketExpiration": 60,
        "casAppMetaDataOptions": {
            CAS_WITH_ATTRIBUTES: {
                "casAppMetaDataOptionsService": _back_to(portal, CAS_WITH_ATTRIBUTES),
                "casAppMetaDataOptionsUserAttribute": "ENTPersonIdentifiant",
            },
            CAS_BARE: {"casAppMetaDataOptionsService": _back_to(portal, CAS_BARE)},
        },
        "casAppMetaDataExportedVars": {CAS_WITH_ATTRIBUTES: {column: column for column in COLUMNS}, CAS_BARE: {}},
    }


def _openid(address: str, portal: str, secret: str) -> dict[str, Any]:
    key = RSAKey.generate_key(2048)
    arrays = ("ENTPersonProfils", "ENTPersonStructRattach", "UAI")
    return {
        "issuerDBOpenIDConnectActivation": 1,
        "oidcServiceMetaDataIssuer": address,
        "oidcServicePrivateKeySig": key.as_pem(private=True).decode(),
        "oidcServicePublicKeySig": key.as_pem(private=False).decode(),
        "oidcServiceKeyIdSig": "tests",
        "oidcServiceAllowAuthorizationCodeFlow": 1,
        "oidcServiceAllowImplicitFlow": 0,
        "oidcServiceAllowHybridFlow": 0,
        "oidcRPMetaDataOptions": {
            OIDC: {
                "oidcRPMetaDataOptionsClientID": CLIENT,
                "oidcRPMetaDataOptionsClientSecret": secret,
                "oidcRPMetaDataOptionsUserIDAttr": "ENTPersonIdentifiant",
                "oidcRPMetaDataOptionsIDTokenSignAlg": "RS256",
                "oidcRPMetaDataOptionsRequirePKCE": 1,
                "oidcRPMetaDataOptionsPublic": 0,
                "oidcRPMetaDataOptionsBypassConsent": 1,
                "oidcRPMetaDataOptionsRedirectUris": _back_to(portal, OIDC),
                "oidcRPMetaDataOptionsPostLogoutRedirectUris": f"{portal}/connexion/au-revoir",
                "oidcRPMetaDataOptionsLogoutBypassConfirm": 1,  # otherwise a page asks first
            }
        },
        "oidcRPMetaDataOptionsExtraClaims": {OIDC: {"ent": " ".join(("uid", "ENTPersonJointure", *arrays))}},
        "oidcRPMetaDataExportedVars": {
            OIDC: {
                "family_name": "sn",
                "given_name": "givenName",
                "email": "mail",
                "uid": "uid",
                "ENTPersonJointure": "ENTPersonJointure",
            }
            | {name: f"{name};string;always" for name in arrays}  # an array, even of one value
        },
    }


def _back_to(portal: str, slug: str) -> str:
    return f"{portal}/connexion/{slug}/retour/"
