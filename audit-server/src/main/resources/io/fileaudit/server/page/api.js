// Shows every call, and tries them out: with a key that is pasted, or with the session of the page.

const session = await fetch("/api/v1/session");
const csrfToken = session.ok ? (await session.json()).csrf_token : null;

SwaggerUIBundle({
  dom_id: "#calls",
  url: "/api/v1/openapi.yaml",
  requestInterceptor: (request) => {
    if (csrfToken && !request.headers.Authorization) {
      request.headers["X-CSRF-Token"] = csrfToken;
    }
    return request;
  },
});
