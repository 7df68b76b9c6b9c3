// What the screen may do about my own account: what I tell of myself, my sign-ins, the tokens of my programs.
import type { Doing, Me, Profile } from "../protocol";
import type { Input } from "../store/inputs";
import type { Api } from "./api";

export interface MeUpdate {
  name?: string;
  handle?: string;
  title?: string;
  pronouns?: string;
  language?: "en" | "ko";
  time_zone?: string;
  hides_reading?: boolean;
}

/** A browser that I am signed in with, as it calls itself. */
export interface BrowserSession {
  id: number;
  agent: string;
  address: string;
  created_at: string;
  last_seen_at: string;
  current: boolean;
}

export interface Passkey {
  id: number;
  name: string;
  created_at: string;
  last_used_at: string | null;
}

/** What a sign-in asks for beside the password. */
export interface SecondFactors {
  has_password: boolean;
  provider: { name: string; connected: boolean } | null;
  required: boolean;
  app: boolean;
  recovery_codes: number;
  passkeys: Passkey[];
}

/** With it a program speaks as me; `token` is there once, when it was just made. */
export interface AccessToken {
  id: number;
  label: string;
  created_at: string;
  last_used_at: string | null;
  token?: string;
}

export interface AccountActions {
  updateMe(fields: MeUpdate): Promise<Me>;
  /** What somebody tells of themselves. */
  profile(user: number): Promise<Profile>;
  /** Say what I am doing; null takes it back. */
  sayDoing(doing: Doing | null): Promise<void>;
  /** Give myself a face, or none. */
  setFace(picture: Blob | null): Promise<void>;
  factors(): Promise<SecondFactors>;
  disconnectProvider(): Promise<void>;
  sessions(): Promise<BrowserSession[]>;
  endSession(id: number): Promise<void>;
  endOtherSessions(): Promise<void>;
  tokens(): Promise<AccessToken[]>;
  makeToken(label: string): Promise<AccessToken>;
  revokeToken(id: number): Promise<void>;
}

interface Items<T> {
  items: T[];
}

interface Parts {
  api: Api;
  dispatch(...inputs: Input[]): void;
}

export function createAccountActions({ api, dispatch }: Parts): AccountActions {
  const learnt = async (asked: Promise<Me>): Promise<Me> => {
    const me = await asked;
    dispatch({ type: "local.me", me });
    return me;
  };
  return {
    updateMe: (fields) => learnt(api.patch<Me>("me", fields)),
    profile: async (user) => {
      const profile = await api.get<Profile>(`users/${user}`);
      dispatch({ type: "local.users", users: [profile] });
      return profile;
    },
    sayDoing: async (doing) => {
      await learnt(
        doing
          ? api.put<Me>("me/doing", { ...doing, emoji: doing.emoji || null })
          : api.delete<Me>("me/doing"),
      );
    },
    setFace: async (picture) => {
      await learnt(picture ? api.putFile<Me>("me/avatar", picture) : api.delete<Me>("me/avatar"));
    },
    factors: () => api.get<SecondFactors>("me/factors"),
    disconnectProvider: () => api.delete<void>("me/provider"),
    sessions: async () => (await api.get<Items<BrowserSession>>("me/sessions")).items,
    endSession: (id) => api.delete<void>(`me/sessions/${id}`),
    endOtherSessions: () => api.delete<void>("me/sessions"),
    tokens: async () => (await api.get<Items<AccessToken>>("tokens")).items,
    makeToken: (label) => api.post<AccessToken>("tokens", { label }),
    revokeToken: (id) => api.delete<void>(`tokens/${id}`),
  };
}
