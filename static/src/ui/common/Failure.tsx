// Why what was ordered did not happen; nothing while there is no reason.
import "../../styles/field.css";

export function Failure({ text }: { text: string | null }) {
  return text ? (
    <p class="field-error" role="alert">
      {text}
    </p>
  ) : null;
}
