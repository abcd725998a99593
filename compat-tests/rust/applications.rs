// SPDX-License-Identifier: Apache-2.0

//! The five applications of compat-tests, as Rust users write them.
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeValue, BillingMode, ConditionCheck, DeleteRequest, Get, KeysAndAttributes, PointInTimeRecoverySpecification, ProvisionedThroughput, Put,
    PutRequest, ReturnValue, ReturnValuesOnConditionCheckFailure, ScalarAttributeType, SseSpecification, TimeToLiveSpecification, TransactGetItem,
    TransactWriteItem, WriteRequest,
};
use aws_sdk_dynamodb::Client;
use stator_compat::{attribute, client, create, drop_table, index, item, n, refusal, s, texts, Item};

fn put_request(item: Item) -> WriteRequest {
    WriteRequest::builder().put_request(PutRequest::builder().set_item(Some(item)).build().unwrap()).build()
}

async fn single_table(db: &Client) -> String {
    create(db, "app", &["PK", "SK", "GSI1PK", "GSI1SK"], &["PK", "SK"], |table| {
        table
            .billing_mode(BillingMode::PayPerRequest)
            .sse_specification(SseSpecification::builder().enabled(true).build())
            .global_secondary_indexes(index("GSI1", "GSI1PK", "GSI1SK").build().unwrap())
    })
    .await
}

// a: a single table with GSI1.

#[tokio::test]
async fn set_up_is_shown() {
    let db = client().await;
    let table = single_table(&db).await;
    let described = db.describe_table().table_name(&table).send().await.unwrap().table.unwrap();
    assert_eq!(described.table_status().unwrap().as_str(), "ACTIVE");
    assert_eq!(described.sse_description().unwrap().status().unwrap().as_str(), "ENABLED");
    assert!(described.creation_date_time().unwrap().secs() > 1_600_000_000);
    let recovery = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build().unwrap();
    db.update_continuous_backups().table_name(&table).point_in_time_recovery_specification(recovery).send().await.unwrap();
    let backups = db.describe_continuous_backups().table_name(&table).send().await.unwrap().continuous_backups_description.unwrap();
    assert_eq!(backups.point_in_time_recovery_description().unwrap().point_in_time_recovery_status().unwrap().as_str(), "ENABLED");
    drop_table(&db, &table).await;
}

#[tokio::test]
async fn users_and_orders() {
    let db = client().await;
    let table = single_table(&db).await;
    let mut writes = Vec::new();
    for user in 0..3 {
        let pk = format!("USER#{user}");
        let roles = AttributeValue::Ss(vec!["admin".into(), "dev".into()]);
        writes.push(put_request(item([("PK", s(&pk)), ("SK", s("PROFILE")), ("GSI1PK", s(format!("MAIL#{user}"))), ("GSI1SK", s("USER")), ("roles", roles)])));
        for order in 1..=3 {
            let lines = AttributeValue::L(vec![AttributeValue::M(item([("sku", s("x")), ("count", n(order))]))]);
            writes.push(put_request(item([("PK", s(&pk)), ("SK", s(format!("ORDER#{order}"))), ("GSI1PK", s(format!("ORDER#{order}"))), ("GSI1SK", s(&pk)),
                ("total", n(f64::from(order) * 10.5)), ("lines", lines)])));
        }
    }
    let batch = db.batch_write_item().request_items(&table, writes).send().await.unwrap();
    assert!(batch.unprocessed_items().unwrap().is_empty());

    let key = [("PK", s("USER#1")), ("SK", s("PROFILE"))];
    let got = db.get_item().table_name(&table).set_key(Some(item(key))).consistent_read(true).send().await.unwrap().item.unwrap();
    assert_eq!(got["roles"].as_ss().unwrap(), &["admin", "dev"]);
    let orders = db.query().table_name(&table).key_condition_expression("PK = :p AND begins_with(SK, :s)").expression_attribute_values(":p", s("USER#1"))
        .expression_attribute_values(":s", s("ORDER#")).scan_index_forward(false).send().await.unwrap();
    assert_eq!(texts(orders.items(), "SK"), ["ORDER#3", "ORDER#2", "ORDER#1"]);
    let by_order = db.query().table_name(&table).index_name("GSI1").key_condition_expression("GSI1PK = :o").expression_attribute_values(":o", s("ORDER#2"))
        .send().await.unwrap();
    assert_eq!(texts(by_order.items(), "PK"), ["USER#0", "USER#1", "USER#2"]);
    let dear = db.scan().table_name(&table).filter_expression("#t > :t AND size(#l) = :one").expression_attribute_names("#t", "total")
        .expression_attribute_names("#l", "lines").expression_attribute_values(":t", n(20)).expression_attribute_values(":one", n(1))
        .projection_expression("PK, SK").send().await.unwrap();
    assert_eq!((dear.count(), dear.items()[0].len()), (6, 2));
    let keys = (0..3).map(|user| item([("PK", s(format!("USER#{}", user * 2))), ("SK", s("PROFILE"))])).collect();
    let found = db.batch_get_item().request_items(&table, KeysAndAttributes::builder().set_keys(Some(keys)).build().unwrap()).send().await.unwrap();
    assert_eq!(found.responses().unwrap()[&table].len(), 2);

    let key = [("PK", s("USER#0")), ("SK", s("PROFILE"))];
    let updated = db.update_item().table_name(&table).set_key(Some(item(key.clone())))
        .update_expression("SET #n = :n, visits = if_not_exists(visits, :zero) + :one DELETE #r :r").expression_attribute_names("#n", "name")
        .expression_attribute_names("#r", "roles").expression_attribute_values(":n", s("New")).expression_attribute_values(":zero", n(0))
        .expression_attribute_values(":one", n(1)).expression_attribute_values(":r", AttributeValue::Ss(vec!["dev".into()]))
        .return_values(ReturnValue::AllNew).send().await.unwrap().attributes.unwrap();
    assert_eq!((&updated["name"], &updated["visits"], &updated["roles"]), (&s("New"), &n(1), &AttributeValue::Ss(vec!["admin".into()])));
    let removed = db.delete_item().table_name(&table).set_key(Some(item(key))).return_values(ReturnValue::AllOld).send().await.unwrap();
    assert_eq!(removed.attributes().unwrap()["name"], s("New"));
    drop_table(&db, &table).await;
}

#[tokio::test]
async fn a_due_session_goes() {
    let db = client().await;
    let table = single_table(&db).await;
    let ttl = TimeToLiveSpecification::builder().attribute_name("TTL").enabled(true).build().unwrap();
    db.update_time_to_live().table_name(&table).time_to_live_specification(ttl).send().await.unwrap();
    let shown = db.describe_time_to_live().table_name(&table).send().await.unwrap().time_to_live_description.unwrap();
    assert_eq!((shown.time_to_live_status().unwrap().as_str(), shown.attribute_name()), ("ENABLED", Some("TTL")));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let session = |name: &str| item([("PK", s(name)), ("SK", s("S"))]);
    for (name, due) in [("SESSION#1", now - 5), ("SESSION#2", now + 500)] {
        db.put_item().table_name(&table).set_item(Some(session(name))).item("TTL", n(due)).send().await.unwrap();
    }
    let deadline = Instant::now() + Duration::from_secs(10);
    while db.get_item().table_name(&table).set_key(Some(session("SESSION#1"))).send().await.unwrap().item.is_some() {
        assert!(Instant::now() < deadline, "still there");
    }
    assert!(db.get_item().table_name(&table).set_key(Some(session("SESSION#2"))).send().await.unwrap().item.is_some());
    drop_table(&db, &table).await;
}

#[tokio::test]
async fn transactions() {
    let db = client().await;
    let table = single_table(&db).await;
    let put = |pk: &str| Put::builder().table_name(&table).item("PK", s(pk)).item("SK", s("T"));
    let wrapped = |put: Put| TransactWriteItem::builder().put(put).build();
    db.transact_write_items().transact_items(wrapped(put("1").build().unwrap())).transact_items(wrapped(put("2").build().unwrap()))
        .client_request_token("once").send().await.unwrap();
    let check = ConditionCheck::builder().table_name(&table).key("PK", s("2")).key("SK", s("T")).condition_expression("attribute_exists(nothing)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld).build().unwrap();
    let error = db.transact_write_items().transact_items(wrapped(put("3").build().unwrap()))
        .transact_items(TransactWriteItem::builder().condition_check(check).build()).send().await.unwrap_err();
    let SdkError::ServiceError(answer) = error else { panic!("{error:?}") };
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = answer.err() else { panic!("{answer:?}") };
    let reasons = cancelled.cancellation_reasons();
    assert_eq!((reasons[0].code(), reasons[1].code()), (Some("None"), Some("ConditionalCheckFailed")));
    assert_eq!(reasons[1].item().unwrap()["PK"], s("2"));
    let get = |pk: &str| TransactGetItem::builder().get(Get::builder().table_name(&table).key("PK", s(pk)).key("SK", s("T")).build().unwrap()).build();
    let got = db.transact_get_items().transact_items(get("1")).transact_items(get("3")).send().await.unwrap();
    assert_eq!(got.responses().iter().map(|r| r.item().is_some()).collect::<Vec<_>>(), [true, false]);
    drop_table(&db, &table).await;
}

// b: the inverted index, in both billing modes.

#[tokio::test]
async fn inverted_index() {
    let db = client().await;
    let throughput = ProvisionedThroughput::builder().read_capacity_units(3).write_capacity_units(2).build().unwrap();
    for provisioned in [None, Some(throughput)] {
        let inverted = index("inverted", "SK", "PK").set_provisioned_throughput(provisioned.clone()).build().unwrap();
        let mode = if provisioned.is_some() { BillingMode::Provisioned } else { BillingMode::PayPerRequest };
        let table = create(&db, "inverted", &["PK", "SK"], &["PK", "SK"], |table| {
            table.billing_mode(mode).set_provisioned_throughput(provisioned).global_secondary_indexes(inverted)
        })
        .await;
        for (student, course) in [("S#ann", "C#1"), ("S#ann", "C#2"), ("S#bob", "C#1")] {
            db.put_item().table_name(&table).item("PK", s(student)).item("SK", s(course)).send().await.unwrap();
        }
        let query = |condition: &str, value: &str| db.query().table_name(&table).key_condition_expression(condition).expression_attribute_values(":v", s(value));
        assert_eq!(texts(query("PK = :v", "S#ann").send().await.unwrap().items(), "SK"), ["C#1", "C#2"]);
        assert_eq!(texts(query("SK = :v", "C#1").index_name("inverted").send().await.unwrap().items(), "PK"), ["S#ann", "S#bob"]);
        drop_table(&db, &table).await;
    }
}

// c: a typed model layer.

#[derive(Debug, Clone, PartialEq)]
struct User {
    number: u32,
    mail: String,
    seen: u64,
}

impl From<&User> for Item {
    fn from(user: &User) -> Item {
        item([("pk", s(format!("user_{}", user.number))), ("sk", s("user")), ("pk1", s(&user.mail)), ("sk1", s("user")), ("pk2", s("user")),
            ("sk2", s(user.seen.to_string())), ("number", n(user.number))])
    }
}

impl From<&Item> for User {
    fn from(item: &Item) -> User {
        User { number: item["number"].as_n().unwrap().parse().unwrap(), mail: item["pk1"].as_s().unwrap().clone(),
            seen: item["sk2"].as_s().unwrap().parse().unwrap() }
    }
}

#[tokio::test]
async fn models() {
    let db = client().await;
    let table = create(&db, "models", &["pk", "sk", "pk1", "sk1", "pk2", "sk2"], &["pk", "sk"], |table| {
        table.billing_mode(BillingMode::PayPerRequest).global_secondary_indexes(index("GSI1", "pk1", "sk1").build().unwrap())
            .global_secondary_indexes(index("GSI2", "pk2", "sk2").build().unwrap())
    })
    .await;
    let users: Vec<User> = (0..60).map(|number| User { number, mail: format!("u{number}@x"), seen: 1000 + u64::from(number) }).collect();
    for user in &users {
        db.put_item().table_name(&table).set_item(Some(user.into())).condition_expression("attribute_not_exists(pk)").send().await.unwrap();
    }
    let by_mail = db.query().table_name(&table).index_name("GSI1").key_condition_expression("pk1 = :m").expression_attribute_values(":m", s("u7@x"))
        .send().await.unwrap();
    assert_eq!(by_mail.items().iter().map(User::from).collect::<Vec<_>>(), [users[7].clone()]);
    let late: Vec<Item> = db.query().table_name(&table).index_name("GSI2").key_condition_expression("pk2 = :u AND sk2 >= :t")
        .expression_attribute_values(":u", s("user")).expression_attribute_values(":t", s("1020")).limit(7).into_paginator().items().send()
        .collect::<Result<_, _>>().await.unwrap();
    assert_eq!(late.iter().map(User::from).collect::<Vec<_>>(), users[20..]);
    let all: Vec<Item> = db.scan().table_name(&table).filter_expression("begins_with(pk, :p)").expression_attribute_values(":p", s("user_"))
        .into_paginator().items().send().collect::<Result<_, _>>().await.unwrap();
    assert_eq!(all.len(), 60);
    for chunk in all.chunks(25) {
        let deletes = chunk.iter().map(|item| {
            let delete = DeleteRequest::builder().key("pk", item["pk"].clone()).key("sk", item["sk"].clone()).build().unwrap();
            WriteRequest::builder().delete_request(delete).build()
        });
        db.batch_write_item().request_items(&table, deletes.collect()).send().await.unwrap();
    }
    assert_eq!(db.scan().table_name(&table).send().await.unwrap().count(), 0);

    let every = item([("pk", s("t")), ("sk", s("t")), ("s", s("naïve 日本 😀 \" \\ \n")), ("n", n("-0.00000000000000000000000000000000000012345")),
        ("b", AttributeValue::B(Blob::new([0, 1, 255]))), ("z", AttributeValue::Null(true)), ("t", AttributeValue::Bool(false)),
        ("ss", AttributeValue::Ss(vec!["a".into(), "b".into()])), ("ns", AttributeValue::Ns(vec!["1".into(), "2.5".into()])),
        ("bs", AttributeValue::Bs(vec![Blob::new([0]), Blob::new([1, 2])])),
        ("l", AttributeValue::L(vec![s(""), AttributeValue::M(item([("k", AttributeValue::L(vec![]))]))]))]);
    db.put_item().table_name(&table).set_item(Some(every.clone())).send().await.unwrap();
    assert_eq!(db.get_item().table_name(&table).key("pk", s("t")).key("sk", s("t")).send().await.unwrap().item.unwrap(), every);
    drop_table(&db, &table).await;
}

// d: conditional CRUD.

#[tokio::test]
async fn conditional_crud() {
    let db = client().await;
    let table = create(&db, "crud", &["PK", "SK"], &["PK", "SK"], |table| table.billing_mode(BillingMode::PayPerRequest)).await;
    let put = |number: u32| {
        db.put_item().table_name(&table).item("PK", s("p")).item("SK", s(format!("n{number}"))).item("number", n(number))
            .condition_expression("attribute_not_exists(PK)").return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    };
    for number in 10..30 {
        put(number).send().await.unwrap();
    }
    let error = put(10).send().await.unwrap_err();
    let SdkError::ServiceError(answer) = error else { panic!("{error:?}") };
    let PutItemError::ConditionalCheckFailedException(failed) = answer.err() else { panic!("{answer:?}") };
    assert_eq!((failed.message(), &failed.item().unwrap()["number"]), (Some("The conditional request failed"), &n(10)));

    let (mut seen, mut start) = (Vec::new(), None);
    loop {
        let page = db.query().table_name(&table).key_condition_expression("PK = :p AND begins_with(SK, :s)").expression_attribute_values(":p", s("p"))
            .expression_attribute_values(":s", s("n")).scan_index_forward(false).limit(6).set_exclusive_start_key(start).send().await.unwrap();
        seen.extend(texts(page.items(), "number"));
        start = page.last_evaluated_key;
        if start.is_none() {
            break;
        }
    }
    assert_eq!(seen, (10..30).rev().map(|number: u32| number.to_string()).collect::<Vec<_>>());
    let reserved = db.update_item().table_name(&table).key("PK", s("p")).key("SK", s("n10")).update_expression("SET status = :s")
        .expression_attribute_values(":s", n(1)).send().await;
    assert_eq!(refusal(reserved), ("ValidationException".into(),
        "1 validation error detected: Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: status".into()));
    let missing = db.describe_table().table_name("not-there").send().await;
    assert_eq!(refusal(missing), ("ResourceNotFoundException".into(), "Requested resource not found: Table: not-there not found".into()));
    drop_table(&db, &table).await;
}

// e: events by time.

#[tokio::test]
async fn events() {
    let db = client().await;
    let table = create(&db, "events", &["event_id", "source"], &["event_id"], |table| {
        table.billing_mode(BillingMode::PayPerRequest).attribute_definitions(attribute("timestamp", ScalarAttributeType::N))
            .global_secondary_indexes(index("timestamp-index", "source", "timestamp").build().unwrap())
    })
    .await;
    for event in 0..10 {
        db.put_item().table_name(&table).item("event_id", s(format!("e{event}"))).item("source", s(if event % 2 == 1 { "web" } else { "app" }))
            .item("timestamp", n(1_700_000_000 + event)).send().await.unwrap();
    }
    let one = db.get_item().table_name(&table).key("event_id", s("e3")).send().await.unwrap().item.unwrap();
    assert_eq!(one["timestamp"], n(1_700_000_003));
    let found = db.query().table_name(&table).index_name("timestamp-index").key_condition_expression("#s = :s AND #t BETWEEN :a AND :b")
        .expression_attribute_names("#s", "source").expression_attribute_names("#t", "timestamp").expression_attribute_values(":s", s("web"))
        .expression_attribute_values(":a", n(1_700_000_003)).expression_attribute_values(":b", n(1_700_000_007)).send().await.unwrap();
    assert_eq!(texts(found.items(), "event_id"), ["e3", "e5", "e7"]);
    drop_table(&db, &table).await;
}
