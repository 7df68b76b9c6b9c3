// Choose a picture: by the file dialog, or let it fall here; what was chosen is shown.
import { ImagePlus } from "lucide-preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../text/t";
import { Button } from "../common/Button";
import { PICTURE_TYPES } from "./drawing";
import "../../styles/own-emoji.css";

interface PictureFieldProps {
  label: string;
  hint: string;
  picture: File | null;
  onChoose: (file: File) => void;
  /** How it will look, by the address of what was chosen. */
  children?: (address: string) => ComponentChildren;
}

export function PictureField({ label, hint, picture, onChoose, children }: PictureFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const [address, setAddress] = useState<string | null>(null);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    if (!picture) return undefined;
    const made = URL.createObjectURL(picture);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [picture]);
  return (
    <section
      class="picture-field"
      aria-label={label}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer?.files[0];
        if (file) onChoose(file);
      }}
    >
      <input
        ref={input}
        type="file"
        accept={PICTURE_TYPES}
        hidden
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) onChoose(file);
          event.currentTarget.value = "";
        }}
      />
      {address && children ? <div class="picture-shown">{children(address)}</div> : null}
      <div class="picture-words">
        <Button icon={ImagePlus} onClick={() => input.current?.click()}>
          {label}
        </Button>
        <p class="field-hint">{picture ? picture.name : hint}</p>
      </div>
      <span class="unseen" role="status">
        {picture ? t("own_emoji.chosen", { name: picture.name }) : ""}
      </span>
    </section>
  );
}
