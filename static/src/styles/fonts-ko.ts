// The Korean typeface, loaded only when the page speaks Korean; vite.korean-font.ts makes its pieces.
import "maru:korean-font.css";
