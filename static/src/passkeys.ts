// The part of a passkey that only a script can do: ask the browser for one, and send what it says with the form.

interface Options {
  publicKey: Record<string, unknown>;
}

/** What a form does: makes a passkey, shows one, or signs in with whichever the browser offers. */
type Kind = "create" | "get" | "login";

/** Have the forms of passkeys work, where the browser knows any. */
export function startPasskeys(forms: Iterable<HTMLFormElement>): void {
  if (!("PublicKeyCredential" in window)) return;
  for (const form of forms) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void use(form);
    });
  }
}

async function use(form: HTMLFormElement): Promise<void> {
  const problem = form.querySelector<HTMLElement>("[role=alert]");
  const button = form.querySelector("button");
  if (button?.getAttribute("aria-busy")) return;
  if (problem) problem.hidden = true;
  button?.setAttribute("aria-busy", "true");
  try {
    const kind = form.dataset.passkey as Kind;
    const options = await optionsOf(form, kind);
    const found = kind === "create" ? await create(options) : await get(options);
    const field = form.elements.namedItem("credential");
    if (!(field instanceof HTMLInputElement) || !found) throw new Error("no credential");
    field.value = JSON.stringify(found);
    form.submit();
  } catch {
    // Called off, timed out, or not on this device: the browser has said which.
    button?.removeAttribute("aria-busy");
    if (problem) problem.hidden = false;
  }
}

async function optionsOf(form: HTMLFormElement, kind: Kind): Promise<Options> {
  if (kind === "login") {
    const response = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return ((await response.json()) as { request_options: Options }).request_options;
  }
  const text = document.getElementById("passkey-options")?.textContent ?? "{}";
  const given = JSON.parse(text) as { creation_options?: Options; request_options?: Options };
  const options = kind === "create" ? given.creation_options : given.request_options;
  if (!options) throw new Error("no options");
  return options;
}

async function create({ publicKey }: Options): Promise<object | null> {
  const user = publicKey.user as Record<string, unknown>;
  const made = (await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      user: { ...user, id: bytes(user.id) },
      excludeCredentials: listed(publicKey.excludeCredentials),
    } as unknown as PublicKeyCredentialCreationOptions,
  })) as PublicKeyCredential | null;
  if (!made) return null;
  const response = made.response as AuthenticatorAttestationResponse;
  return {
    ...plain(made),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  };
}

async function get({ publicKey }: Options): Promise<object | null> {
  const shown = (await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: bytes(publicKey.challenge),
      allowCredentials: listed(publicKey.allowCredentials),
    } as unknown as PublicKeyCredentialRequestOptions,
  })) as PublicKeyCredential | null;
  if (!shown) return null;
  const response = shown.response as AuthenticatorAssertionResponse;
  return {
    ...plain(shown),
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

function plain(credential: PublicKeyCredential): object {
  const { id, rawId, type, authenticatorAttachment } = credential;
  const results = credential.getClientExtensionResults();
  return { id, rawId: text(rawId), type, authenticatorAttachment, clientExtensionResults: results };
}

function listed(credentials: unknown): object[] {
  return ((credentials ?? []) as { id: string }[]).map((one) => ({ ...one, id: bytes(one.id) }));
}

/** Bytes of what the server writes in base64url. */
function bytes(encoded: unknown): Uint8Array<ArrayBuffer> {
  const plainText = atob(String(encoded).replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plainText, (char) => char.charCodeAt(0));
}

function text(buffer: ArrayBuffer): string {
  const found = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return found.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
