#!/usr/bin/env bash
# Asks for a code: Cloudentity's sample call, with another host and other ids. Prints the sign-in page that it leads to.
set -euo pipefail

AUTHORIZATION_SERVER="${AUTHORIZATION_SERVER:-http://localhost:4000}"
CLIENT_ID="${CLIENT_ID:-demo-cloudentity}"
REDIRECT_URI="${REDIRECT_URI:-http://localhost:3000/callback}"
CODE_CHALLENGE_METHOD="${CODE_CHALLENGE_METHOD:-S256}"

if [ -z "${CODE_CHALLENGE:-}" ]; then
  CODE_VERIFIER="$(node -p 'crypto.randomBytes(32).toString("base64url")')"
  CODE_CHALLENGE="$(CODE_VERIFIER="$CODE_VERIFIER" node -p 'crypto.createHash("sha256").update(process.env.CODE_VERIFIER).digest("base64url")')"
  QUERY="$(REDIRECT_URI="$REDIRECT_URI" CLIENT_ID="$CLIENT_ID" node -p 'String(new URLSearchParams({ redirect_uri: process.env.REDIRECT_URI, client_id: process.env.CLIENT_ID }))')"
  {
    echo "To get a code, sign in at this address in a browser:"
    echo "  $AUTHORIZATION_SERVER/oauth2/authorize?response_type=code&$QUERY&code_challenge=$CODE_CHALLENGE&code_challenge_method=$CODE_CHALLENGE_METHOD"
    echo "and then, with the code of the address that it ends at:"
    echo "  CODE=… CODE_VERIFIER=$CODE_VERIFIER ./token.sh"
    echo
  } >&2
fi

curl --silent --show-error --fail-with-body --location \
  --get \
  --url "$AUTHORIZATION_SERVER/oauth2/authorize" \
  --data-urlencode "response_type=code" \
  --data-urlencode "redirect_uri=$REDIRECT_URI" \
  --data-urlencode "client_id=$CLIENT_ID" \
  --data-urlencode "code_challenge=$CODE_CHALLENGE" \
  --data-urlencode "code_challenge_method=$CODE_CHALLENGE_METHOD"
