async function secrets() {
    return ['%SECRET%'];
}
