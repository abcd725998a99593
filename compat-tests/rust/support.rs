// SPDX-License-Identifier: Apache-2.0

//! What the applications share: a client as a user makes it (everything from the environment), tables with fresh names, short forms of attributes.
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::BehaviorVersion;
use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType, ScalarAttributeType,
};
use aws_sdk_dynamodb::Client;
use aws_smithy_http_client::tls::{rustls_provider::CryptoMode, Provider, TlsContext, TrustStore};

pub type Item = HashMap<String, AttributeValue>;
const PATIENCE: Duration = Duration::from_secs(10);

/// Endpoint, region and keys are the environment's; so is the authority of an https endpoint, as the other SDKs take it.
pub async fn client() -> Client {
    let trust = match std::env::var("AWS_CA_BUNDLE") {
        Ok(path) => TrustStore::empty().with_pem_certificate(std::fs::read(path).expect("AWS_CA_BUNDLE names no file")),
        Err(_) => TrustStore::empty(),
    };
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(TlsContext::builder().with_trust_store(trust).build().expect("no TLS"))
        .build_https();
    let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).retry_config(RetryConfig::disabled()).load().await;
    Client::new(&config)
}

pub fn fresh_name(stem: &str) -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    format!("{stem}-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed))
}

pub fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub fn item<const N: usize>(pairs: [(&str, AttributeValue); N]) -> Item {
    pairs.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

/// The texts of one attribute in each of the items.
pub fn texts(items: &[Item], name: &str) -> Vec<String> {
    items.iter().map(|item| item[name].as_s().or_else(|value| value.as_n().map_err(|_| value)).expect("no text").clone()).collect()
}

pub fn attribute(name: &str, kind: ScalarAttributeType) -> AttributeDefinition {
    AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().expect("complete")
}

pub fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("complete")
}

pub fn index(name: &str, hash: &str, range: &str) -> aws_sdk_dynamodb::types::builders::GlobalSecondaryIndexBuilder {
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .key_schema(key(hash, KeyType::Hash))
        .key_schema(key(range, KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
}

/// A table with keys of type S; `more` adds what the application wants besides.
pub async fn create(
    db: &Client, stem: &str, attributes: &[&str], keys: &[&str], more: impl FnOnce(CreateTableFluentBuilder) -> CreateTableFluentBuilder,
) -> String {
    let name = fresh_name(stem);
    let mut request = db.create_table().table_name(&name);
    for attribute_name in attributes {
        request = request.attribute_definitions(attribute(attribute_name, ScalarAttributeType::S));
    }
    for (at, key_name) in keys.iter().enumerate() {
        request = request.key_schema(key(key_name, if at == 0 { KeyType::Hash } else { KeyType::Range }));
    }
    let answer = more(request).send().await.expect("no table");
    assert_eq!(answer.table_description().unwrap().table_status().unwrap().as_str(), "CREATING");
    db.wait_until_table_exists().table_name(&name).wait(PATIENCE).await.expect("not active");
    name
}

pub async fn drop_table(db: &Client, name: &str) {
    db.delete_table().table_name(name).send().await.expect("not deleted");
    db.wait_until_table_not_exists().table_name(name).wait(PATIENCE).await.expect("still there");
}

/// The error's code and message, as the SDK tells them.
pub fn refusal<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug, R: std::fmt::Debug>(result: Result<T, SdkError<E, R>>) -> (String, String) {
    let error = result.expect_err("not refused");
    (error.code().unwrap_or_default().to_string(), error.message().unwrap_or_default().to_string())
}
