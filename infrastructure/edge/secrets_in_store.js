import cf from 'cloudfront';

const store = cf.kvs();

// `next` is there during a rotation only: both are good until what the old one signed has expired.
async function secrets() {
    const known = [await store.get('current')];
    if (await store.exists('next')) known.push(await store.get('next'));
    return known;
}
