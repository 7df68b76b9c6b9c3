// Where rooms were left, so that who comes back reads on there; as long as the page is open.
import type { Anchor } from "./anchor";

/** A message at the upper edge of the list, and how far from it. */
export interface Kept extends Anchor {
  seq: number;
}

/** Where somebody is: a step of the browser's history, and whether it was gone back or forward to. */
export interface Step {
  id: string;
  isReturn: boolean;
}

const PLACES_MAX_COUNT = 200;

export class KeptPlaces {
  private readonly places = new Map<string, Kept | null>();

  /** Keep where a list stands; null: at its end. */
  keep(step: Step, room: number, place: Kept | null): void {
    for (const key of [`${room}`, `${step.id}/${room}`]) {
      this.places.delete(key);
      this.places.set(key, place);
    }
    for (const oldest of this.places.keys()) {
      if (this.places.size <= PLACES_MAX_COUNT) break;
      this.places.delete(oldest);
    }
  }

  /**
   * Where a room opens again; null where it opens as if for the first time. Who goes back or forward comes to where
   * that step was left; who opens it anew, where it was left last, unless that is for a certain message or something
   * is unread.
   */
  find(step: Step, room: number, isElsewhere: boolean): Kept | null {
    const there = step.isReturn ? this.places.get(`${step.id}/${room}`) : undefined;
    if (there !== undefined) return there;
    return isElsewhere ? null : (this.places.get(`${room}`) ?? null);
  }
}

export const keptPlaces = new KeptPlaces();
