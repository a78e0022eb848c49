// An OpenID provider of tests, on the real oidc-provider: `node op.mjs PORT CLIENT CALLBACK AFTER_LOGOUT BACKCHANNEL`.
// The client's secret comes in the environment (CLIENT_SECRET). It says on its output when it listens, and ends with its input.

import { generateKeyPairSync } from 'node:crypto';

import { Provider } from 'oidc-provider';

const [port, client, callback, afterLogout, backchannel] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

// Fictitious people, with what French names and schools put to the test.
const PEOPLE = {
  'anaelle': {
    given_name: 'Anaëlle', family_name: 'Le Goff-Nuñez', email: 'anaelle@example.org',
    UAI: ['0999901Z', '0999902A', '0999903B'], profile: 'National_ENS',
  },
  'zoe': { given_name: 'Zoë', family_name: 'D’Œuvre', email: 'zoe@example.org', UAI: ['0999901Z'], profile: 'National_DIR' },
};

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), kid: 'op', use: 'sig', alg: 'RS256' };

const provider = new Provider(issuer, {
  clients: [{
    client_id: client,
    client_secret: process.env.CLIENT_SECRET,
    redirect_uris: [callback],
    post_logout_redirect_uris: [afterLogout],
    backchannel_logout_uri: backchannel,
    backchannel_logout_session_required: true,
    id_token_signed_response_alg: 'RS256',
  }],
  jwks: { keys: [key] },
  cookies: { keys: ['of tests'] },
  scopes: ['openid', 'profile', 'email', 'ent'],
  claims: {
    openid: ['sub'], profile: ['given_name', 'family_name', 'profile'], email: ['email'], ent: ['UAI'], sid: null, auth_time: null,
  },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource(ctx, form) {
        ctx.body = page(`${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">Se déconnecter</button>`);
      },
    },
  },
  // Its own call refuses this machine's addresses, which is where tests are.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  findAccount: (ctx, id) => PEOPLE[id] && { accountId: id, claims: () => ({ sub: id, ...PEOPLE[id] }) },
  interactions: { url: (ctx, interaction) => `/login/${interaction.uid}` },
  // The client is the school's own: nobody is asked to consent.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope(ctx.oidc.requestParamScopes.size ? [...ctx.oidc.requestParamScopes].join(' ') : 'openid');
    await grant.save();
    return grant;
  },
  ttl: { AccessToken: 60, AuthorizationCode: 30, IdToken: 60, Interaction: 60, Session: 600, Grant: 600 },
});

function page(body) {
  return `<!doctype html><html lang="fr"><meta charset="utf-8"><title>Connexion</title>${body}</html>`;
}

async function formOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return new URLSearchParams(Buffer.concat(parts).toString());
}

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/login/')) return next();
  const { uid } = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === 'POST') {
    const person = (await formOf(ctx.req)).get('person');
    ctx.respond = false;
    const said = PEOPLE[person]
      ? { login: { accountId: person } }
      : { error: 'access_denied', error_description: 'Personne inconnue' };
    return provider.interactionFinished(ctx.req, ctx.res, said, { mergeWithLastSubmission: false });
  }
  const people = Object.keys(PEOPLE).map((id) => `<option>${id}</option>`).join('');
  ctx.body = page(`<form method="post" action="/login/${uid}"><select name="person">${people}</select><button>Entrer</button></form>`);
  return undefined;
});

const server = provider.listen(Number(port), '127.0.0.1', () => console.log(`listening ${issuer}`));
process.stdin.resume();
process.stdin.on('end', () => {
  server.closeAllConnections();
  server.close(() => process.exit(0));
});
