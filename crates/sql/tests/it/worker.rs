//! What `canh worker sql` is in the product.

#[global_allocator]
static ALLOCATOR: sandbox::Allocator = sandbox::Allocator;

fn main() -> std::process::ExitCode {
    sql::work()
}
