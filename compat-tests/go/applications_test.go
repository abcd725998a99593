// SPDX-License-Identifier: Apache-2.0

// Package compat plays the applications of compat-tests as Go users write them: everything from the environment.
package compat

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

var ctx = context.Background()
var made int

func client(t *testing.T) (*dynamodb.Client, aws.Config) {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(ctx)
	check(t, err)
	return dynamodb.NewFromConfig(cfg), cfg
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func freshName(stem string) string {
	made++
	return fmt.Sprintf("%s-%d-%d", stem, os.Getpid(), made)
}

func attribute(name string) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}
}

func key(hash, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{{AttributeName: &hash, KeyType: types.KeyTypeHash}, {AttributeName: &sort, KeyType: types.KeyTypeRange}}
}

func singleTable(t *testing.T, db *dynamodb.Client) string {
	t.Helper()
	name := freshName("app")
	_, err := db.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest, KeySchema: key("PK", "SK"),
		AttributeDefinitions: []types.AttributeDefinition{attribute("PK"), attribute("SK"), attribute("GSI1PK"), attribute("GSI1SK")},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{IndexName: aws.String("GSI1"), KeySchema: key("GSI1PK", "GSI1SK"),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}}},
	})
	check(t, err)
	check(t, dynamodb.NewTableExistsWaiter(db).Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, 5*time.Second))
	t.Cleanup(func() {
		_, err := db.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
		check(t, err)
	})
	return name
}

type order struct {
	PK, SK, GSI1PK, GSI1SK string
	Total                  float64
	Lines                  []string
	Tags                   []string `dynamodbav:",stringset"`
	Paid                   bool
}

func TestSingleTable(t *testing.T) {
	db, _ := client(t)
	table := singleTable(t, db)
	var writes []types.WriteRequest
	for i := 0; i < 20; i++ {
		item, err := attributevalue.MarshalMap(order{PK: fmt.Sprintf("USER#%d", i%4), SK: fmt.Sprintf("ORDER#%02d", i), GSI1PK: fmt.Sprintf("DAY#%d", i%2),
			GSI1SK: fmt.Sprintf("%02d", i), Total: float64(i) * 1.5, Lines: []string{"a", "b"}, Tags: []string{"x", "y"}})
		check(t, err)
		writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
	}
	batch, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: writes}})
	check(t, err)
	equal(t, len(batch.UnprocessedItems), 0)

	built, err := expression.NewBuilder().WithKeyCondition(expression.Key("PK").Equal(expression.Value("USER#1")).And(expression.Key("SK").BeginsWith("ORDER#"))).
		WithFilter(expression.Name("Total").GreaterThan(expression.Value(5))).Build()
	check(t, err)
	found, err := db.Query(ctx, &dynamodb.QueryInput{TableName: &table, KeyConditionExpression: built.KeyCondition(), FilterExpression: built.Filter(),
		ExpressionAttributeNames: built.Names(), ExpressionAttributeValues: built.Values(), ScanIndexForward: aws.Bool(false)})
	check(t, err)
	var orders []order
	check(t, attributevalue.UnmarshalListOfMaps(found.Items, &orders))
	equal(t, len(orders), 4)
	equal(t, orders[0].SK, "ORDER#17")
	equal(t, len(orders[0].Tags), 2)

	count := 0
	pages := dynamodb.NewQueryPaginator(db, &dynamodb.QueryInput{TableName: &table, IndexName: aws.String("GSI1"), Limit: aws.Int32(3), KeyConditionExpression: aws.String("GSI1PK = :d"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":d": &types.AttributeValueMemberS{Value: "DAY#1"}}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		check(t, err)
		count += len(page.Items)
	}
	equal(t, count, 10)
}

func TestConditionsAndTransactions(t *testing.T) {
	db, _ := client(t)
	table := singleTable(t, db)
	item := map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: "a"}, "SK": &types.AttributeValueMemberS{Value: "b"}, "n": &types.AttributeValueMemberN{Value: "1"}}
	put := &dynamodb.PutItemInput{TableName: &table, Item: item, ConditionExpression: aws.String("attribute_not_exists(PK)"), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}
	_, err := db.PutItem(ctx, put)
	check(t, err)
	_, err = db.PutItem(ctx, put)
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		t.Fatalf("not refused: %v", err)
	}
	equal(t, failed.ErrorMessage(), "The conditional request failed")
	equal(t, failed.Item["n"].(*types.AttributeValueMemberN).Value, "1")
	_, err = db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{TableName: &table, Item: map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: "c"}, "SK": &types.AttributeValueMemberS{Value: "d"}}}},
		{ConditionCheck: &types.ConditionCheck{TableName: &table, Key: map[string]types.AttributeValue{"PK": item["PK"], "SK": item["SK"]}, ConditionExpression: aws.String("n > :n"),
			ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "5"}}}},
	}})
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		t.Fatalf("not cancelled: %v", err)
	}
	equal(t, *cancelled.CancellationReasons[0].Code, "None")
	equal(t, *cancelled.CancellationReasons[1].Code, "ConditionalCheckFailed")
	missing := "not-there"
	_, err = db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &missing})
	var notFound *types.ResourceNotFoundException
	if !errors.As(err, &notFound) {
		t.Fatalf("found: %v", err)
	}
}

type widget struct {
	UserID int       `dynamo:"ID,hash"`
	Time   time.Time `dynamo:",range"`
	Msg    string
	Count  int
	Set    []string `dynamo:",set"`
}

func TestGuregu(t *testing.T) {
	_, cfg := client(t)
	db := dynamo.New(cfg)
	name := freshName("widgets")
	check(t, db.CreateTable(name, widget{}).OnDemand(true).Run(ctx))
	table := db.Table(name)
	defer func() { check(t, table.DeleteTable().Run(ctx)) }()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := 0; i < 5; i++ {
		check(t, table.Put(widget{UserID: 613, Time: now.Add(time.Duration(i) * time.Hour), Msg: "hello", Count: i, Set: []string{"a"}}).Run(ctx))
	}
	var one widget
	check(t, table.Get("ID", 613).Range("Time", dynamo.Equal, now).One(ctx, &one))
	equal(t, one.Msg, "hello")
	var late []widget
	check(t, table.Get("ID", 613).Range("Time", dynamo.Greater, now.Add(time.Hour)).Filter("'Count' > ?", 2).All(ctx, &late))
	equal(t, len(late), 2)
	check(t, table.Update("ID", 613).Range("Time", now).Add("Count", 10).SetExpr("'Msg' = ?", "bye").Value(ctx, &one))
	equal(t, one.Count, 10)
	if err := table.Put(one).If("attribute_not_exists(ID)").Run(ctx); !dynamo.IsCondCheckFailed(err) {
		t.Fatal(err)
	}
}
