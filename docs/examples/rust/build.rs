//! Makes protos.rs, with one module for each package, out of the protos that CLIENTELA holds; no protoc is needed.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let protos = std::env::var("CLIENTELA")? + "/protos";
    let nouns = ["customers", "economics", "feed", "purchases", "segments", "spends", "standing"]
        .map(|noun| format!("clientela/v1/{noun}.proto"));
    let described = protox::compile(nouns, [protos.clone(), format!("{protos}/third_party")])?;
    tonic_prost_build::configure().build_server(false).include_file("protos.rs").compile_fds(described)?;
    Ok(())
}
