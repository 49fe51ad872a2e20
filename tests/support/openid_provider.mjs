// An OpenID provider for tests: a certified implementation in a process of its own, with a login page that
// believes what is typed. On request its next answer is spoilt, as a false or broken provider's would be.
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, decodeJwt } from "jose";
import Provider from "oidc-provider";

const CLIENT = { client_id: "learner-record", client_secret: "a-secret-of-the-tests-and-of-nothing-else" };
const people = new Map();
let spoil = "";

const own = await generateKeyPair("RS256", { extractable: true });
const foreign = await generateKeyPair("RS256", { extractable: true });
const jwk = { ...(await exportJWK(own.privateKey)), alg: "RS256", use: "sig", kid: "own" };

const signed = (claims, key) =>
  new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "own" }).sign(key);

const spoilers = {
  issuer: (c) => signed({ ...c, iss: "https://elsewhere.example" }, own.privateKey),
  audience: (c) => signed({ ...c, aud: "another-service" }, own.privateKey),
  party: (c) => signed({ ...c, aud: [c.aud, "another"], azp: "another" }, own.privateKey),
  expired: (c) => signed({ ...c, iat: c.iat - 7200, exp: c.iat - 3600 }, own.privateKey),
  nonce: (c) => signed({ ...c, nonce: "of-another-sign-in" }, own.privateKey),
  "no nonce": ({ nonce, ...c }) => signed(c, own.privateKey),
  "foreign key": (c) => signed(c, foreign.privateKey),
  "shared secret": (c) =>
    new SignJWT(c)
      .setProtectedHeader({ alg: "HS256", kid: "own" })
      .sign(new TextEncoder().encode(CLIENT.client_secret)),
  unsigned: (c) => new UnsecuredJWT(c).encode(),
  "no auth time": ({ auth_time, ...c }) => signed(c, own.privateKey),
  "old auth time": (c) => signed({ ...c, auth_time: c.iat - 3600 }, own.privateKey),
  missing: () => undefined,
};

const server = createServer();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://localhost:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [{ ...CLIENT, redirect_uris: ["http://testserver/"] }],
  jwks: { keys: [jwk] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  cookies: { keys: ["of the tests"] },
  claims: { openid: ["sub", "amr", "acr"], email: ["email"], organisation: ["organisation"] },
  conformIdTokenClaims: false,
  acrValues: ["plain", "strong"],
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...people.get(sub) }) }),
  async loadExistingGrant({ oidc }) {
    const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope("openid email organisation");
    await grant.save();
    return grant;
  },
});
provider.Client.prototype.redirectUriAllowed = () => true;

async function form(request) {
  let text = "";
  for await (const part of request) text += part;
  return Object.fromEntries(new URLSearchParams(text));
}

provider.use(async (ctx, next) => {
  if (ctx.path === "/spoil") {
    ({ spoil } = await form(ctx.req));
    ctx.body = spoil;
  } else if (ctx.path.startsWith("/interaction/") && ctx.method === "GET") {
    ctx.type = "html";
    ctx.body = `<!doctype html><title>Test provider</title><form method="post">
      <label>Who are you? <input name="sub"></label><button>Sign in</button></form>
      <form method="post"><button name="stop" value="1">Stop</button></form>`;
  } else if (ctx.path.startsWith("/interaction/")) {
    const { sub, amr, acr, stop, ...claims } = await form(ctx.req);
    if (sub) people.set(sub, claims);
    const result = stop
      ? { error: "access_denied" }
      : { login: { accountId: sub, amr: amr ? amr.split(" ") : undefined, acr } };
    ctx.respond = false;
    await provider.interactionFinished(ctx.req, ctx.res, result, { mergeWithLastSubmission: false });
  } else {
    await next();
    if (ctx.path === "/token" && ctx.body?.id_token && spoilers[spoil]) {
      ctx.body.id_token = await spoilers[spoil](decodeJwt(ctx.body.id_token));
    }
    if (ctx.path.endsWith("/openid-configuration") && spoil === "discovery") {
      ctx.body.issuer = "https://elsewhere.example";
    }
    if (ctx.path === "/jwks" && spoil === "redirect") ctx.redirect(`${issuer}/keys`);
    if (ctx.path === "/me" && spoil === "somebody else") ctx.body.sub = "somebody-else";
  }
});

server.on("request", provider.callback());
console.log(issuer);
