// The few words scripts say themselves; everything else comes from the server.
const vi = {
  lost: "Mất kết nối, đang thử lại", live: "Trực tiếp", undo: "Hoàn tác", failed: "Không gửi được. Kiểm tra mạng rồi thử lại.",
  copied: "Đã chép", unsaved: "Có thay đổi chưa lưu.", ended: "đã kết thúc", day: "ngày", uploading: "Đang tải lên", chosen: "Đã chọn",
  kept: "Đã lưu trên máy", sent: "Đã gửi", allSent: "Đã gửi hết", notSent: "mục đã lưu trên máy, chưa gửi", offline: "không có mạng", later: "máy chủ bận, sẽ gửi lại", signin: "hãy đăng nhập lại rồi mở trang này, dữ liệu vẫn còn",
  others: "đã trả lời:", keepMine: "Giữ câu trả lời của tôi", takeTheirs: "Lấy câu trả lời kia", noPhoto: "Không đọc được ảnh này", photo: "Ảnh chờ gửi",
  shapeDate: "nn/tt/nnnn", shapeTime: "gg:pp", when: "Hãy nhập theo dạng", calendar: "Chọn trên lịch",
};
const en: typeof vi = {
  lost: "Connection lost, trying again", live: "Live", undo: "Undo", failed: "Could not send. Check the network and try again.",
  copied: "Copied", unsaved: "There are unsaved changes.", ended: "ended", day: "d", uploading: "Uploading", chosen: "Chosen",
  kept: "Kept on this device", sent: "Sent", allSent: "All sent", notSent: "kept on this device, not sent yet", offline: "no network", later: "the server is busy, trying again", signin: "please sign in again and open this page, nothing is lost",
  others: "answered:", keepMine: "Keep my answer", takeTheirs: "Take theirs", noPhoto: "This photo cannot be read", photo: "Photo waiting to be sent",
  shapeDate: "dd/mm/yyyy", shapeTime: "hh:mm", when: "Please enter it as", calendar: "Choose on a calendar",
};
export const lang = document.documentElement.lang === "en" ? "en" : "vi";
export const words = lang === "en" ? en : vi;
