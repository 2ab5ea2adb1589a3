// The few words scripts say themselves; everything else comes from the server.
const vi = {
  lost: "Mất kết nối, đang thử lại", live: "Trực tiếp", undo: "Hoàn tác", failed: "Không gửi được. Kiểm tra mạng rồi thử lại.",
  copied: "Đã chép", unsaved: "Có thay đổi chưa lưu.", ended: "đã kết thúc", day: "ngày", uploading: "Đang tải lên", chosen: "Đã chọn",
};
const en: typeof vi = {
  lost: "Connection lost, trying again", live: "Live", undo: "Undo", failed: "Could not send. Check the network and try again.",
  copied: "Copied", unsaved: "There are unsaved changes.", ended: "ended", day: "d", uploading: "Uploading", chosen: "Chosen",
};
export const lang = document.documentElement.lang === "en" ? "en" : "vi";
export const words = lang === "en" ? en : vi;
