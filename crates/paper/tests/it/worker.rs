//! What `canh worker paper` and `canh worker tool` are in the product.

#[global_allocator]
static ALLOCATOR: sandbox::Allocator = sandbox::Allocator;

fn main() -> std::process::ExitCode {
    let mut args = std::env::args_os().skip(2);
    match args.next() {
        Some(what) if what == "tool" => paper::scan::tool(args),
        _ => paper::work(),
    }
}
