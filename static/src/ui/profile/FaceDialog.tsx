// Which part of a picture is my face: moved by hand or by arrow keys, made larger by a slider. What is sent is a square.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Dialog } from "../common/Dialog";
import { Failure } from "../common/Failure";
import { toast } from "../common/toasts";
import { useSubmit } from "../rooms/useSubmit";
import { type Cut, cutAt, firstCut, moved } from "./cut";
import "../../styles/doing.css";

const SIDE_PX = 512;
const STEP = 1 / 40;
const ZOOM_MAX = 4;

export function FaceDialog({ picture, onClose }: { picture: Blob; onClose: () => void }) {
  const actions = useActions();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [image, setImage] = useState<ImageBitmap | null>(null);
  const [isBroken, setBroken] = useState(false);
  const [cut, setCut] = useState<Cut | null>(null);
  const from = useRef<{ x: number; y: number } | null>(null);
  const { isBusy, failure, run } = useSubmit();

  useEffect(() => {
    let isGone = false;
    createImageBitmap(picture).then(
      (found) => {
        if (isGone) return found.close();
        setImage(found);
        setCut(firstCut(found));
      },
      () => {
        if (!isGone) setBroken(true);
      },
    );
    return () => {
      isGone = true;
    };
  }, [picture]);
  useEffect(() => () => image?.close(), [image]);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !image || !cut) return;
    context.clearRect(0, 0, SIDE_PX, SIDE_PX);
    context.imageSmoothingQuality = "high";
    context.drawImage(image, cut.x, cut.y, cut.side, cut.side, 0, 0, SIDE_PX, SIDE_PX);
  }, [image, cut]);

  const move = (dx: number, dy: number): void => {
    if (image) setCut((now) => now && moved(now, dx, dy, image));
  };
  const save = (): void =>
    run(async () => {
      const face = await new Promise<Blob | null>((resolve) =>
        canvas.current ? canvas.current.toBlob(resolve, "image/webp", 0.92) : resolve(null),
      );
      if (!face) throw new Error("no picture");
      await actions.setFace(face);
      toast(t("settings.saved"));
      onClose();
    });

  return (
    <Dialog
      title={t("face.title")}
      width="narrow"
      onClose={onClose}
      onSubmit={save}
      footer={
        <>
          <Button onClick={onClose}>{t("dialog.cancel")}</Button>
          <Button kind="primary" type="submit" busy={isBusy} disabled={!cut}>
            {t("dialog.save")}
          </Button>
        </>
      }
    >
      {isBroken ? (
        <p class="field-error" role="alert">
          {t("face.broken")}
        </p>
      ) : (
        <>
          <p class="field-hint" id="face-hint">
            {t("face.hint")}
          </p>
          <canvas
            ref={canvas}
            class="face-canvas"
            width={SIDE_PX}
            height={SIDE_PX}
            data-autofocus
            tabIndex={0}
            role="img"
            aria-label={t("face.picture")}
            aria-describedby="face-hint"
            onKeyDown={(event) => {
              const way = WAYS[event.key];
              if (!way) return;
              event.preventDefault();
              move(way[0] * STEP, way[1] * STEP);
            }}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              from.current = { x: event.clientX, y: event.clientY };
            }}
            onPointerMove={(event) => {
              if (!from.current) return;
              const shown = event.currentTarget.clientWidth;
              move((from.current.x - event.clientX) / shown, (from.current.y - event.clientY) / shown);
              from.current = { x: event.clientX, y: event.clientY };
            }}
            onPointerUp={() => {
              from.current = null;
            }}
            onPointerCancel={() => {
              from.current = null;
            }}
          />
          <label class="face-zoom">
            <span class="field-label">{t("face.zoom")}</span>
            <input
              type="range"
              min={1}
              max={ZOOM_MAX}
              step={0.05}
              value={cut?.zoom ?? 1}
              disabled={!cut}
              onInput={(event) => {
                const zoom = event.currentTarget.valueAsNumber;
                if (image) setCut((now) => now && cutAt(now, zoom, image));
              }}
            />
          </label>
        </>
      )}
      <Failure text={failure} />
    </Dialog>
  );
}

const WAYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
