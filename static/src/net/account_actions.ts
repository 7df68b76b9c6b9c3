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
}

export interface AccountActions {
  updateMe(fields: MeUpdate): Promise<Me>;
  /** What somebody tells of themselves. */
  profile(user: number): Promise<Profile>;
  /** Say what I am doing; null takes it back. */
  sayDoing(doing: Doing | null): Promise<void>;
  /** Give myself a face, or none. */
  setFace(picture: Blob | null): Promise<void>;
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
  };
}
