//! Makes protos.rs, with one module for each package, out of the protos that CLIENTELA holds.
fn main() -> std::io::Result<()> {
    let protos = std::env::var("CLIENTELA").expect("CLIENTELA: the checkout") + "/protos";
    let nouns = ["customers", "purchases", "feed"].map(|noun| format!("{protos}/clientela/v1/{noun}.proto"));
    tonic_prost_build::configure()
        .build_server(false)
        .include_file("protos.rs")
        .compile_protos(&nouns, &[protos.clone(), format!("{protos}/third_party")])
}
