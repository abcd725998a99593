// SPDX-License-Identifier: Apache-2.0
package stator.compat;

import com.amazonaws.services.dynamodbv2.datamodeling.*;
import com.amazonaws.services.dynamodbv2.datamodeling.DynamoDBMapperFieldModel.DynamoDBAttributeType;
import java.math.BigDecimal;
import java.util.Date;
import java.util.List;
import java.util.Set;

/** The classes of the applications, annotated as users of DynamoDBMapper annotate theirs. */
public final class Models {
    private Models() {
    }

    /** What every record of the single table has. The mapper looks at a superclass only if it has the annotation, too. */
    @DynamoDBTable(tableName = "app")
    public abstract static class Record {
        private String pk;
        private String sk;
        private String gsi1pk;
        private String gsi1sk;

        @DynamoDBHashKey(attributeName = "PK")
        public String getPk() { return pk; }
        public void setPk(String value) { pk = value; }
        @DynamoDBRangeKey(attributeName = "SK")
        public String getSk() { return sk; }
        public void setSk(String value) { sk = value; }
        @DynamoDBIndexHashKey(attributeName = "GSI1PK", globalSecondaryIndexName = "GSI1")
        public String getGsi1pk() { return gsi1pk; }
        public void setGsi1pk(String value) { gsi1pk = value; }
        @DynamoDBIndexRangeKey(attributeName = "GSI1SK", globalSecondaryIndexName = "GSI1")
        public String getGsi1sk() { return gsi1sk; }
        public void setGsi1sk(String value) { gsi1sk = value; }

        <T extends Record> T keys(Class<T> type, String... keys) {
            pk = keys[0];
            sk = keys[1];
            gsi1pk = keys.length > 2 ? keys[2] : null;
            gsi1sk = keys.length > 2 ? keys[3] : null;
            return type.cast(this);
        }
    }

    @DynamoDBDocument
    public static class Address {
        private String city;

        public String getCity() { return city; }
        public void setCity(String value) { city = value; }
    }

    @DynamoDBTable(tableName = "app")
    public static class User extends Record {
        private String name;
        private Set<String> roles;
        private Address address;

        public String getName() { return name; }
        public void setName(String value) { name = value; }
        public Set<String> getRoles() { return roles; }
        public void setRoles(Set<String> value) { roles = value; }
        public Address getAddress() { return address; }
        public void setAddress(Address value) { address = value; }
    }

    public enum State { OPEN, PAID }

    @DynamoDBTable(tableName = "app")
    public static class Purchase extends Record {
        private BigDecimal total;
        private List<String> lines;
        private State state;
        private boolean gift;

        public BigDecimal getTotal() { return total; }
        public void setTotal(BigDecimal value) { total = value; }
        public List<String> getLines() { return lines; }
        public void setLines(List<String> value) { lines = value; }
        @DynamoDBTypeConvertedEnum
        public State getState() { return state; }
        public void setState(State value) { state = value; }
        @DynamoDBTyped(DynamoDBAttributeType.BOOL)
        public boolean isGift() { return gift; }
        public void setGift(boolean value) { gift = value; }
    }

    /** Both keys are also the index's, the other way round. */
    @DynamoDBTable(tableName = "inverted")
    public static class Pair {
        private String pk;
        private String sk;

        @DynamoDBHashKey(attributeName = "PK")
        @DynamoDBIndexRangeKey(attributeName = "PK", globalSecondaryIndexName = "inverted")
        public String getPk() { return pk; }
        public void setPk(String value) { pk = value; }
        @DynamoDBRangeKey(attributeName = "SK")
        @DynamoDBIndexHashKey(attributeName = "SK", globalSecondaryIndexName = "inverted")
        public String getSk() { return sk; }
        public void setSk(String value) { sk = value; }
    }

    @DynamoDBTable(tableName = "members")
    public static class Member {
        private String pk;
        private String sk;
        private String email;
        private String kind;
        private String since;

        @DynamoDBHashKey
        public String getPk() { return pk; }
        public void setPk(String value) { pk = value; }
        @DynamoDBRangeKey
        public String getSk() { return sk; }
        public void setSk(String value) { sk = value; }
        @DynamoDBIndexHashKey(attributeName = "pk1", globalSecondaryIndexName = "GSI1")
        public String getEmail() { return email; }
        public void setEmail(String value) { email = value; }
        @DynamoDBIndexHashKey(attributeName = "pk2", globalSecondaryIndexName = "GSI2")
        public String getKind() { return kind; }
        public void setKind(String value) { kind = value; }
        @DynamoDBIndexRangeKey(attributeName = "sk2", globalSecondaryIndexName = "GSI2", localSecondaryIndexName = "LSI")
        public String getSince() { return since; }
        public void setSince(String value) { since = value; }
    }

    @DynamoDBTable(tableName = "events")
    public static class Event {
        private String id;
        private String source;
        private Long timestamp;

        @DynamoDBHashKey(attributeName = "event_id")
        public String getId() { return id; }
        public void setId(String value) { id = value; }
        @DynamoDBIndexHashKey(globalSecondaryIndexName = "timestamp-index")
        public String getSource() { return source; }
        public void setSource(String value) { source = value; }
        @DynamoDBIndexRangeKey(globalSecondaryIndexName = "timestamp-index")
        public Long getTimestamp() { return timestamp; }
        public void setTimestamp(Long value) { timestamp = value; }
    }

    /** What the mapper fills in by itself. */
    @DynamoDBTable(tableName = "accounts")
    public static class Account {
        private String id;
        private Long version;
        private Long balance;
        private Long visits;
        private Date created;
        private Date updated;

        @DynamoDBHashKey
        @DynamoDBAutoGeneratedKey
        public String getId() { return id; }
        public void setId(String value) { id = value; }
        @DynamoDBVersionAttribute
        public Long getVersion() { return version; }
        public void setVersion(Long value) { version = value; }
        public Long getBalance() { return balance; }
        public void setBalance(Long value) { balance = value; }
        @DynamoDBAutoGeneratedDefault("7")
        public Long getVisits() { return visits; }
        public void setVisits(Long value) { visits = value; }
        @DynamoDBAutoGeneratedTimestamp(strategy = DynamoDBAutoGenerateStrategy.CREATE)
        public Date getCreated() { return created; }
        public void setCreated(Date value) { created = value; }
        @DynamoDBAutoGeneratedTimestamp(strategy = DynamoDBAutoGenerateStrategy.ALWAYS)
        public Date getUpdated() { return updated; }
        public void setUpdated(Date value) { updated = value; }
    }

    static User user(int number) {
        User user = new User().keys(User.class, "USER#" + number, "PROFILE", "MAIL#u" + number, "USER");
        user.setName("User " + number);
        user.setRoles(Set.of("admin", "dev"));
        Address address = new Address();
        address.setCity("Ulm");
        user.setAddress(address);
        return user;
    }

    static Purchase purchase(int user, int number) {
        Purchase purchase = new Purchase().keys(Purchase.class, "USER#" + user, "ORDER#" + number, "ORDER#" + number, "USER#" + user);
        purchase.setTotal(new BigDecimal("10.5").multiply(BigDecimal.valueOf(number)));
        purchase.setLines(List.of("a", "b"));
        purchase.setState(State.OPEN);
        return purchase;
    }
}
