// The picture of the workspace: how it stands beside the name now, another one, or none.
import { Trash2 } from "lucide-preact";
import { useState } from "preact/hooks";
import { ActionError } from "../../net/actions";
import { workspace } from "../../store/workspace";
import { t } from "../../text/t";
import { useActions } from "../actions";
import { Button } from "../common/Button";
import { Failure } from "../common/Failure";
import { toast } from "../common/toasts";
import { WorkspaceMark } from "../common/WorkspaceMark";
import { fitting } from "../emoji/drawing";
import { PictureField } from "../emoji/PictureField";
import { useSubmit } from "../rooms/useSubmit";
import type { WorkspaceSettings } from "./calls";
import * as calls from "./calls";

const SIDE_PX = 1_024;

export function LogoCard({
  settings,
  onSaved,
}: {
  settings: WorkspaceSettings;
  onSaved: (s: WorkspaceSettings) => void;
}) {
  const { rest } = useActions();
  const [problem, setProblem] = useState<string | null>(null);
  const { isBusy, failure, run } = useSubmit();
  const saved = (found: WorkspaceSettings): void => {
    // The server tells it too, to all others.
    workspace.value = { ...workspace.value, logo: found.logo };
    onSaved(found);
    toast(t("settings.saved"));
  };
  const choose = (file: File): void => {
    setProblem(null);
    run(async () => {
      const small = await fitting(file, SIDE_PX);
      if (!small) {
        setProblem(t("own_emoji.too_large"));
        return;
      }
      try {
        saved(await calls.setLogo(rest, small));
      } catch (error) {
        if (!(error instanceof ActionError) || error.code !== "bad_frame") throw error;
        setProblem(t("own_emoji.no_picture"));
      }
    });
  };
  return (
    <div class="settings-card">
      <h3>{t("workspace.logo")}</h3>
      <p class="field-hint">{t("workspace.logo_hint")}</p>
      <div class="logo-shown" aria-busy={isBusy}>
        <WorkspaceMark size={48} />
        <bdi class="logo-name">{settings.name}</bdi>
      </div>
      <PictureField
        label={t(settings.logo ? "own_emoji.choose_other" : "own_emoji.choose")}
        hint={t("own_emoji.choose_hint")}
        picture={null}
        onChoose={choose}
      />
      <Failure text={problem ?? failure} />
      {settings.logo ? (
        <div>
          <Button
            icon={Trash2}
            busy={isBusy}
            onClick={() => run(async () => saved(await calls.dropLogo(rest)))}
          >
            {t("workspace.logo_remove")}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
