// Shows whom the service takes this browser for, and signs it out.

const show = (id, text) => {
  document.getElementById(id).textContent = text;
};

const words = (list) => (list.length === 0 ? "nothing" : list.join(", "));

async function load() {
  const answer = await fetch("/api/v1/session", { headers: { accept: "application/json" } });
  if (answer.status === 401) {
    location.assign("/ui/login");
    return;
  }
  const session = await answer.json();
  if (!answer.ok) {
    show("message", session.detail);
    return;
  }
  show("name", session.name);
  show("scopes", words(session.scopes));
  show("namespaces", session.namespaces.includes("*") ? "every one" : words(session.namespaces));
  show("expires", session.expires_at ? new Date(session.expires_at).toLocaleString() : "revoked");
  const button = document.getElementById("sign-out");
  button.disabled = false;
  button.addEventListener("click", () => signOut(session.csrf_token));
}

async function signOut(csrfToken) {
  const answer = await fetch("/ui/logout", { method: "POST", headers: { "X-CSRF-Token": csrfToken } });
  if (answer.ok || answer.status === 401) {
    location.assign("/ui/login");
  } else {
    show("message", (await answer.json()).detail);
  }
}

load().catch(() => show("message", "The service does not answer."));
