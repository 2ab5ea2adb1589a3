//! What `canh worker paper` is in the product.

fn main() -> std::process::ExitCode {
    paper::work()
}
