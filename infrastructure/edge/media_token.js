// CloudFront Function, viewer request: lets a signed media URL through until it expires, as the best file the viewer takes.
// token = base64url(HMAC-SHA256(secret, "<path>\n<expires>")[0..16]), no padding. Nothing else of this distribution is public.
const crypto = require('crypto');

const TOKEN_BYTES = 16;
// Renditions that are always there as WebP too; as AVIF if the URL says f=avif.
const NEGOTIABLE = /\/(w\d+|thumb)\.jpg$/;
// /m/<id>/<version>/~<expires>~<token>/hls/<file>: a token for the whole folder, so that playlists can name files in it.
const IN_FOLDER = /^(\/m\/[\w-]+\/\d+\/)~(\d{1,12})~([\w-]+)\/(hls\/)([\w-]+\.[a-z0-9]+)$/;

function token(secret, path, expires) {
    const digest = crypto.createHmac('sha256', secret).update(path + '\n' + expires).digest('hex');
    return Buffer.from(digest.substring(0, 2 * TOKEN_BYTES), 'hex').toString('base64url');
}

// Time does not tell how many characters were right.
function same(one, other) {
    if (one.length !== other.length) return false;
    let difference = 0;
    for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
    return difference === 0;
}

function best(request) {
    const accept = request.headers.accept ? request.headers.accept.value : '';
    if (!NEGOTIABLE.test(request.uri)) return request.uri;
    const formats = request.querystring.f && request.querystring.f.value === 'avif' ? ['avif', 'webp'] : ['webp'];
    const format = formats.find((name) => accept.includes('image/' + name));
    return format ? request.uri.replace(/jpg$/, format) : request.uri;
}

async function handler(event) {
    const request = event.request;
    const folder = IN_FOLDER.exec(request.uri);
    if (folder) request.uri = folder[1] + folder[4] + folder[5];
    const signed = folder ? folder[1] + folder[4] : request.uri;
    const expires = folder ? folder[2] : request.querystring.e ? request.querystring.e.value : '';
    const given = folder ? folder[3] : request.querystring.t ? request.querystring.t.value : '';
    if (request.uri.startsWith('/m/') && /^\d{1,12}$/.test(expires) && Number(expires) * 1000 > Date.now()) {
        const known = await secrets();
        for (let i = 0; i < known.length; i++) {
            if (same(given, token(known[i], signed, expires))) {
                request.uri = best(request);
                return request;
            }
        }
    }
    return { statusCode: 403, statusDescription: 'Forbidden', headers: { 'cache-control': { value: 'no-store' } } };
}
