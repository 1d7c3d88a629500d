//! Reads a customer and records a purchase: TOKEN=... [CA=ca.pem] shop ADDRESS CUSTOMER
mod outcome;
#[allow(dead_code)]
mod protos {
    include!(concat!(env!("OUT_DIR"), "/protos.rs"));
}
use outcome::ask;
use protos::clientela::v1::customer_service_client::CustomerServiceClient;
use protos::clientela::v1::purchase_service_client::PurchaseServiceClient;
use protos::clientela::v1::{GetCustomerRequest, Purchase, RecordPurchaseRequest};
use protos::google::r#type::Money;
use std::{env, error::Error, fs, time::Duration};
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};
use tonic::{Request, metadata::AsciiMetadataValue};

/// Trusts the roots in the file CA, as `clientela trust` prints them; without a file there is no TLS.
fn endpoint(address: &str) -> Result<Endpoint, Box<dyn Error>> {
    let Ok(file) = env::var("CA") else {
        return Ok(Endpoint::try_from(format!("http://{address}"))?);
    };
    let roots = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(fs::read(file)?));
    Ok(Endpoint::try_from(format!("https://{address}"))?.tls_config(roots)?)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [_, address, name] = &env::args().collect::<Vec<_>>()[..] else {
        return Err("usage: shop ADDRESS CUSTOMER".into());
    };
    let bearer: AsciiMetadataValue = format!("Bearer {}", env::var("TOKEN")?).parse()?;
    let channel = endpoint(address)?.connect_lazy();
    let prepare = move |mut request: Request<()>| {
        request.metadata_mut().insert("authorization", bearer.clone());
        request.set_timeout(Duration::from_secs(4)); // for each attempt
        Ok(request)
    };
    let customers = CustomerServiceClient::with_interceptor(channel.clone(), prepare.clone());
    let purchases = PurchaseServiceClient::with_interceptor(channel, prepare);

    let wanted = GetCustomerRequest { name: name.clone() };
    let found = ask(async || customers.clone().get_customer(wanted.clone()).await, "").await?;
    println!("{}", found.display_name);

    let sent = uuid::Uuid::new_v4().to_string(); // one for this intent: keep it, and send it with every retry
    let amount = Money { currency_code: "EUR".into(), units: 19, nanos: 900_000_000 };
    let record = RecordPurchaseRequest {
        parent: name.clone(),
        purchase: Some(Purchase { amount: Some(amount), ..Default::default() }),
        request_id: Some(sent.clone()),
        ..Default::default()
    };
    let made = ask(async || purchases.clone().record_purchase(record.clone()).await, &sent).await?;
    println!("{}", made.name);
    Ok(())
}
