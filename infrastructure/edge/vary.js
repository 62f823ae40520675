// CloudFront Function, viewer response: what a URL gives depends on the formats that the viewer takes.
function handler(event) {
    const headers = event.response.headers;
    headers.vary = { value: headers.vary ? headers.vary.value + ', Accept' : 'Accept' };
    return event.response;
}
