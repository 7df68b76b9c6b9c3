// Nothing is open: the first steps of a workspace that is still empty.
import { Compass, MessageCirclePlus, Plus } from "lucide-preact";
import { t } from "../text/t";
import { useConfig } from "./actions";
import { Button } from "./common/Button";
import { Mark } from "./common/Mark";
import { StateLine } from "./common/StateLine";
import { Empty } from "./common/States";
import { openDialog } from "./dialogs";
import { go } from "./route";
import { me, synced } from "./selectors";
import "../styles/room.css";
import "../styles/home.css";

export function HomePage() {
  const { workspace } = useConfig();
  const isGuest = me.value.role === "guest";
  if (!synced.value) {
    return (
      <main class="room" id="main" tabIndex={-1}>
        <StateLine />
      </main>
    );
  }
  return (
    <main class="room" id="main" tabIndex={-1}>
      <StateLine />
      <div class="room-middle">
        <Empty title={t("home.title", { workspace })} mark={<Mark size={56} />}>
          <p>{t("home.text")}</p>
          <div class="home-steps">
            <Button kind="primary" icon={Compass} onClick={() => go("/rooms/")}>
              {t("sidebar.browse")}
            </Button>
            {isGuest ? null : (
              <Button icon={Plus} onClick={() => openDialog("room")}>
                {t("sidebar.new_room")}
              </Button>
            )}
            <Button icon={MessageCirclePlus} onClick={() => openDialog("direct")}>
              {t("sidebar.new_direct")}
            </Button>
          </div>
        </Empty>
      </div>
    </main>
  );
}
