# SPDX-License-Identifier: Apache-2.0
"""Requests about tables, on names of their own: definitions right and nearly right, settings, tags, time to live, backups."""
import copy

from domain import ARN, TABLES, key_schema


class Tables:
    def scratch(self):
        return self.r.choice(["ScratchOne", "ScratchTwo", "ScratchTwo", "ScratchThree"])

    def projection_of(self):
        kind = self.r.choice(["ALL", "KEYS_ONLY", "INCLUDE"])
        return {"ProjectionType": kind, **({"NonKeyAttributes": self.r.sample(["x", "y", "z", "w"], self.r.randint(1, 3))} if kind == "INCLUDE" else {})}

    def global_index(self, number):
        hashes, ranges = self.r.choice([(["g1"], []), (["g1"], ["g2"]), (["pk"], ["g1"]), (["g1", "g2"], ["g3"]), (["g2"], ["g1", "g3"]), (["sk"], ["pk"]),
                                        (["g1", "g2", "g3", "g4"], ["r1", "r2", "r3", "r4"])])
        return {"IndexName": f"global{number}", "KeySchema": key_schema(hashes, ranges), "Projection": self.projection_of()}

    def throughput(self):
        return {"ReadCapacityUnits": self.r.randint(1, 10), "WriteCapacityUnits": self.r.randint(1, 10)}

    def create_table(self):
        ranges = ["sk"] if self.r.random() < 0.6 else []
        request = {"TableName": self.scratch(), "KeySchema": key_schema(["pk"], ranges)}
        if self.r.random() < 0.5:
            request["GlobalSecondaryIndexes"] = [self.global_index(i) for i in range(self.r.choice([1, 1, 2, 3]))]
        if ranges and self.r.random() < 0.4:
            request["LocalSecondaryIndexes"] = [{"IndexName": f"local{i}", "KeySchema": key_schema(["pk"], [self.r.choice(["l1", "g1"])]), "Projection": self.projection_of()}
                                                for i in range(self.r.choice([1, 1, 2]))]
        schemas = [request["KeySchema"]] + [i["KeySchema"] for i in request.get("GlobalSecondaryIndexes", []) + request.get("LocalSecondaryIndexes", [])]
        used = dict.fromkeys(e["AttributeName"] for s in schemas for e in s)
        request["AttributeDefinitions"] = [{"AttributeName": n, "AttributeType": self.r.choice("SSNB")} for n in used]
        if self.r.random() < 0.6:
            request["BillingMode"] = "PAY_PER_REQUEST"
        else:
            if self.r.random() < 0.5:
                request["BillingMode"] = "PROVISIONED"
            request["ProvisionedThroughput"] = self.throughput()
            for index in request.get("GlobalSecondaryIndexes", []):
                index["ProvisionedThroughput"] = self.throughput()
        for member, make in (("Tags", lambda: [{"Key": k, "Value": self.r.choice(["", "v", "w"])} for k in self.r.sample(["k1", "k2", "k3"], self.r.randint(1, 3))]),
                             ("DeletionProtectionEnabled", lambda: self.r.random() < 0.3), ("TableClass", lambda: self.r.choice(["STANDARD", "STANDARD_INFREQUENT_ACCESS"])),
                             ("StreamSpecification", lambda: {"StreamEnabled": True, "StreamViewType": self.r.choice(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])})):
            if self.r.random() < 0.12:
                request[member] = make()
        self.settings(request)
        for _ in range(self.r.choice([0, 0, 0, 1, 1, 2])):
            self.bend(request)
        return "CreateTable", request

    def settings(self, request):
        """Members that many clients never send."""
        limits = [-1, 1, 10, 0, -2]
        for member, make in (("SSESpecification", lambda: self.r.choice([{"Enabled": False}, {"Enabled": True}, {"SSEType": "KMS"}, {"SSEType": "AES256"}, {"Enabled": True, "SSEType": "AES256"}, {}])),
                             ("OnDemandThroughput", lambda: {m: self.r.choice(limits) for m in self.r.sample(["MaxReadRequestUnits", "MaxWriteRequestUnits"], self.r.randint(0, 2))}),
                             ("WarmThroughput", lambda: {m: self.r.choice([0, 1, 4000, 12000, 20000]) for m in self.r.sample(["ReadUnitsPerSecond", "WriteUnitsPerSecond"], self.r.randint(0, 2))})):
            if self.r.random() < 0.04:
                request[member] = make()
        return request

    def bend(self, request):
        """One rule of tables and indexes broken."""
        globals_, locals_ = request.get("GlobalSecondaryIndexes", []), request.get("LocalSecondaryIndexes", [])
        index = self.r.choice(globals_ + locals_) if globals_ or locals_ else None
        schema = (index if index and self.r.random() < 0.6 else request).get("KeySchema", [])
        definitions = request.get("AttributeDefinitions", [])

        def at(make):
            return lambda: index and make()
        self.r.choice([
            lambda: definitions and definitions.pop(self.r.randrange(len(definitions))),
            lambda: definitions.append({"AttributeName": self.r.choice(["unused", "pk", "g1"]), "AttributeType": self.r.choice("SNB")}),
            lambda: schema.append({"AttributeName": self.r.choice(["pk", "sk", "g1", "nowhere"]), "KeyType": self.r.choice(["HASH", "RANGE"])}),
            lambda: schema and schema[-1].update(KeyType=self.r.choice(["HASH", "RANGE"])),
            lambda: schema.reverse(),
            lambda: len(schema) > 1 and schema[1].update(AttributeName=schema[0]["AttributeName"]),
            lambda: schema and schema[0].update(AttributeName=self.r.choice(["pk", "sk", "nowhere"])),
            lambda: schema.clear(),
            lambda: schema.extend({"AttributeName": f"g{i}", "KeyType": self.r.choice(["HASH", "RANGE"])} for i in range(1, 6)),
            at(lambda: index.update(IndexName=self.r.choice(["global0", "local0", "ab", "a!b", ""]))),
            at(lambda: index.update(Projection=self.r.choice([{}, {"ProjectionType": "INCLUDE"}, {"ProjectionType": "ALL", "NonKeyAttributes": ["x"]}, {"NonKeyAttributes": ["x"]},
                                                              {"ProjectionType": "INCLUDE", "NonKeyAttributes": [f"n{i}" for i in range(self.r.choice([20, 21]))]},
                                                              {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "x"]}, {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["pk", "g1"]},
                                                              {"ProjectionType": "INCLUDE", "NonKeyAttributes": []}, {"ProjectionType": "KEYS_ONLY", "NonKeyAttributes": []}]))),
            at(lambda: index.pop(self.r.choice(list(index)))),
            at(lambda: index.update(ProvisionedThroughput=self.r.choice([self.throughput(), {"ReadCapacityUnits": 0, "WriteCapacityUnits": 1}, {"ReadCapacityUnits": 1}]))),
            lambda: globals_.extend({**copy.deepcopy(g), "IndexName": f"more{i}"} for g in globals_[:1] for i in range(self.r.choice([18, 19, 20, 21]))),
            lambda: locals_.extend({**copy.deepcopy(x), "IndexName": f"less{i}"} for x in locals_[:1] for i in range(self.r.choice([3, 4, 5, 6]))),
            lambda: globals_.extend(copy.deepcopy(globals_[:1])),
            lambda: request.update(self.r.choice([{"BillingMode": "PAY_PER_REQUEST"}, {"BillingMode": "PROVISIONED"}, {"ProvisionedThroughput": self.throughput()},
                                                  {"ProvisionedThroughput": {"ReadCapacityUnits": self.r.choice([0, -1, 1, 10**12, 10**12 + 1, 1 << 62]), "WriteCapacityUnits": self.r.choice([1, 0])}}])),
            lambda: request.pop(self.r.choice(["ProvisionedThroughput", "BillingMode", "KeySchema", "AttributeDefinitions"]), None),
            lambda: request.update(self.r.choice([{"GlobalSecondaryIndexes": []}, {"LocalSecondaryIndexes": []}])),
            lambda: request.update(StreamSpecification=self.r.choice([{"StreamEnabled": True}, {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"}, {"StreamEnabled": False}, {"StreamViewType": "NEW_IMAGE"}])),
            lambda: request.update(Tags=self.r.choice([[], [{"Key": "k", "Value": "v"}] * 2, [{"Key": f"k{i}", "Value": "v"} for i in range(51)], [{"Key": "aws:k", "Value": "v"}], [{"Key": "k!", "Value": "v"}]])),
        ])()

    def update_table(self):
        request = {"TableName": self.scratch()}
        roll = self.r.random()
        if roll < 0.3:
            index = self.global_index(self.r.randint(0, 4))
            if self.r.random() < 0.1:
                index.pop(self.r.choice(list(index)))
            if self.r.random() < 0.3:
                index["ProvisionedThroughput"] = self.throughput()
            request["AttributeDefinitions"] = [{"AttributeName": e["AttributeName"], "AttributeType": self.r.choice("SN")} for e in index.get("KeySchema", [])]
            if self.r.random() < 0.15:
                request["AttributeDefinitions"] = request["AttributeDefinitions"][:-1] + [{"AttributeName": self.r.choice(["pk", "unused"]), "AttributeType": "S"}]
            request["GlobalSecondaryIndexUpdates"] = [{"Create": index}]
            if self.r.random() < 0.1:
                request["GlobalSecondaryIndexUpdates"].append(self.r.choice([{"Create": index}, {"Delete": {"IndexName": "global0"}}, {}]))
        elif roll < 0.45:
            request["GlobalSecondaryIndexUpdates"] = [{"Delete": {"IndexName": f"global{self.r.randint(0, 4)}"}}]
        elif roll < 0.6:
            request["BillingMode"] = self.r.choice(["PROVISIONED", "PAY_PER_REQUEST"])
            if request["BillingMode"] == "PROVISIONED":
                request["ProvisionedThroughput"] = self.throughput()
        elif roll < 0.75:
            request["ProvisionedThroughput"] = self.throughput()
        elif roll < 0.82:
            request["DeletionProtectionEnabled"] = self.r.random() < 0.3
        elif roll < 0.88:
            request["GlobalSecondaryIndexUpdates"] = [{"Update": {"IndexName": f"global{self.r.randint(0, 2)}", **({"ProvisionedThroughput": self.throughput()} if self.r.random() < 0.8 else {})}}]
        elif roll < 0.94:
            request["StreamSpecification"] = self.r.choice([{"StreamEnabled": True, "StreamViewType": self.r.choice(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])},
                                                            {"StreamEnabled": False}, {"StreamEnabled": True}])
        else:
            request["TableClass"] = self.r.choice(["STANDARD", "STANDARD_INFREQUENT_ACCESS"])
        return "UpdateTable", self.settings(request)

    CONTROLS = {"CreateTable": 28, "UpdateTable": 28, "DeleteTable": 9, "DescribeTable": 12, "UpdateTimeToLive": 6, "DescribeTimeToLive": 4, "ListTables": 4, "TagResource": 5,
                "UntagResource": 3, "ListTagsOfResource": 4, "DescribeContinuousBackups": 1, "UpdateContinuousBackups": 2, "DescribeLimits": 1, "DescribeEndpoints": 1}

    def control(self):
        operation = self.r.choices(list(self.CONTROLS), list(self.CONTROLS.values()))[0]
        return operation, self.of_operation(operation)

    def about_table(self, operation):
        """All that is small."""
        name = self.scratch()
        if operation == "ListTables":
            return self.r.choice([{}, {"Limit": self.r.choice([1, 2, 3, 100])}, {"ExclusiveStartTableName": self.r.choice(["Alpha", "Beta", "Cxx", "ScratchOne", "zzz"])},
                                  {"Limit": 2, "ExclusiveStartTableName": self.r.choice(["Alpha", "Delta", "Azz"])}])
        if operation == "UpdateTimeToLive":
            return {"TableName": name, "TimeToLiveSpecification": {"Enabled": self.r.random() < 0.6, "AttributeName": self.r.choice(["ttl", "expires"])}}
        if operation == "UpdateContinuousBackups":
            return {"TableName": name, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": self.r.random() < 0.6, **({"RecoveryPeriodInDays": self.r.randint(1, 35)} if self.r.random() < 0.3 else {})}}
        arn = ARN + self.r.choice([name, name, self.r.choice(list(TABLES))])
        if operation == "TagResource":
            return {"ResourceArn": arn, "Tags": [{"Key": k, "Value": self.r.choice(["z", "", "é"])} for k in self.r.sample(["k1", "k2", "k3", "k4"], self.r.randint(1, 3))]}
        if operation == "UntagResource":
            return {"ResourceArn": arn, "TagKeys": self.r.sample(["k1", "k2", "k5"], self.r.randint(1, 3))}
        if operation == "ListTagsOfResource":
            return {"ResourceArn": arn}
        if operation in ("DescribeTable", "DescribeTimeToLive", "DescribeContinuousBackups") and self.r.random() < 0.4:
            name = self.r.choice(list(TABLES))
        return {} if operation in ("DescribeLimits", "DescribeEndpoints") else {"TableName": name}
