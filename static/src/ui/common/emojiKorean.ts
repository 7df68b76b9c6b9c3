// The words of the emoji picker in Korean; the package brings none.
import type { I18n } from "emoji-picker-element/shared";

const korean: I18n = {
  categoriesLabel: "분류",
  emojiUnsupportedMessage: "이 브라우저는 컬러 이모지를 지원하지 않아요.",
  favoritesLabel: "자주 쓰는 이모지",
  loadingMessage: "불러오는 중…",
  networkErrorMessage: "이모지를 불러오지 못했어요.",
  regionLabel: "이모지 선택",
  searchDescription: "검색 결과가 나오면 위아래 화살표로 고르고 Enter로 선택하세요.",
  searchLabel: "검색",
  searchResultsLabel: "검색 결과",
  skinToneDescription: "펼쳐지면 위아래 화살표로 고르고 Enter로 선택하세요.",
  skinToneLabel: "피부색 선택 (지금은 {skinTone})",
  skinTonesLabel: "피부색",
  skinTones: ["기본", "밝은색", "약간 밝은색", "중간색", "약간 어두운색", "어두운색"],
  categories: {
    custom: "맞춤 이모지",
    "smileys-emotion": "표정과 감정",
    "people-body": "사람과 몸",
    "animals-nature": "동물과 자연",
    "food-drink": "음식과 음료",
    "travel-places": "여행과 장소",
    activities: "활동",
    objects: "사물",
    symbols: "기호",
    flags: "깃발",
  },
};

export default korean;
