/* SPDX-License-Identifier: Apache-2.0 */
/* throughput_rules.c — what may be asked of capacity, and what becomes of a table's throughput then. AWS words the same rule differently at creation
 * and at a change, and for tables and indexes; the phrases are put together here. */
#include "server/api/schema/throughput_rules.h"

#include <inttypes.h>

#define UNITS_MAX INT64_C(1000000000000)

enum billing_mode billing_of(struct str mode)
{
    return str_eq(mode, STR("PAY_PER_REQUEST")) ? BILLING_PAY_PER_REQUEST : BILLING_PROVISIONED;
}

bool units_are_empty(const struct units_in *units)
{
    return units == NULL || (!units->read.is_present && !units->write.is_present);
}

bool units_on_demand_error(struct err *err)
{
    return err_set(err, ERR_VALIDATION,
                   INVALID_PARAMETERS "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                                      "BillingMode is PAY_PER_REQUEST");
}

bool units_check_bounds(const struct units_in *units, struct err *err)
{
    if (units == NULL) {
        return true;
    }
    if (units->read.n > UNITS_MAX) {
        return err_set(err, ERR_VALIDATION, "Given value %" PRId64 " for ReadCapacityUnits is out of bounds",
                       units->read.n);
    }
    if (units->write.n > UNITS_MAX) {
        return err_set(err, ERR_VALIDATION, "Given value %" PRId64 " for WriteCapacityUnits is out of bounds",
                       units->write.n);
    }
    return true;
}

/* ---- On-demand ceilings ---- */

static const char *first_ceiling(const struct units_in *units)
{
    return units->read.is_present ? "MaxReadRequestUnits" : "MaxWriteRequestUnits";
}

static bool ceiling_range_error(const char *member, struct str index, struct err *err)
{
    if (index.p == NULL) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "Requested %s for OnDemandThroughput for table is outside of valid range",
                       member);
    }
    return err_set(err, ERR_VALIDATION,
                   INVALID_PARAMETERS "Requested %s for OnDemandThroughput for index : %.*s is outside of valid range",
                   member, STR_ARG(index));
}

static bool ceilings_check_range(const struct units_in *units, bool may_remove, struct str index, struct err *err)
{
    const struct opt_int *ceilings[] = {&units->read, &units->write};
    static const char *const members[] = {"MaxReadRequestUnits", "MaxWriteRequestUnits"};
    for (size_t i = 0; i < 2; i++) {
        bool is_removal = may_remove && ceilings[i]->n == -1;
        if (ceilings[i]->is_present && ceilings[i]->n < 1 && !is_removal) {
            return ceiling_range_error(members[i], index, err);
        }
    }
    return true;
}

bool on_demand_check_new(const struct units_in *units, enum billing_mode billing, struct str index, struct err *err)
{
    if (units_are_empty(units)) {
        return true;
    }
    if (billing == BILLING_PAY_PER_REQUEST) {
        return ceilings_check_range(units, false, index, err);
    }
    if (index.p == NULL) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "%s for OnDemandThroughput cannot be specified when table BillingMode is "
                                          "PROVISIONED.",
                       first_ceiling(units));
    }
    return err_set(err, ERR_VALIDATION,
                   INVALID_PARAMETERS "%s for OnDemandThroughput for index: %.*s cannot be specified when table "
                                      "BillingMode is PROVISIONED.",
                   first_ceiling(units), STR_ARG(index));
}

bool on_demand_check_change(const struct units_in *units, enum billing_mode billing, struct str index, struct err *err)
{
    if (units_are_empty(units)) {
        return true;
    }
    if (billing == BILLING_PAY_PER_REQUEST) {
        return ceilings_check_range(units, true, index, err);
    }
    if (index.p == NULL) {
        return err_set(err, ERR_VALIDATION,
                       INVALID_PARAMETERS "%s for OnDemandThroughput cannot be specified when the table BillingMode is "
                                          "PROVISIONED",
                       first_ceiling(units));
    }
    return err_set(err, ERR_VALIDATION,
                   INVALID_PARAMETERS "%s for OnDemandThroughput for index : %.*s cannot be specified when the table "
                                      "BillingMode is PROVISIONED",
                   first_ceiling(units), STR_ARG(index));
}

/* ---- Warm throughput ---- */

static bool warm_error(const char *member, struct str index, const char *reason, struct err *err)
{
    if (index.p == NULL) {
        return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "Requested %s for WarmThroughput for table %s", member,
                       reason);
    }
    return err_set(err, ERR_VALIDATION, INVALID_PARAMETERS "Requested %s for WarmThroughput for index %.*s %s", member,
                   STR_ARG(index), reason);
}

bool warm_check_new(const struct units_in *units, const struct units_in *provisioned, struct str index, struct err *err)
{
    static const char initial[] =
        "is lower than initial throughput for OnDemand. See: "
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
        "on-demand-capacity-mode.html#on-demand-capacity-mode-initial";
    if (units_are_empty(units)) {
        return true;
    }
    int64_t read_min = provisioned != NULL ? provisioned->read.n : WARM_READ_INITIAL;
    int64_t write_min = provisioned != NULL ? provisioned->write.n : WARM_WRITE_INITIAL;
    if (units->read.is_present && units->read.n < read_min) {
        return warm_error("ReadUnitsPerSecond", index,
                          provisioned != NULL ? "is lower than ReadCapacityUnits of ProvisionedThroughput" : initial, err);
    }
    if (units->write.is_present && units->write.n < write_min) {
        return warm_error("WriteUnitsPerSecond", index,
                          provisioned != NULL ? "is lower than WriteCapacityUnits of ProvisionedThroughput" : initial,
                          err);
    }
    return true;
}

bool warm_check_change(const struct units_in *units, const struct throughput *current, struct str index, struct err *err)
{
    static const char lower[] =
        "is lower than current WarmThroughput, decreasing WarmThroughput is not supported";
    if (units_are_empty(units)) {
        return true;
    }
    if (units->read.is_present && units->read.n < current->warm_read) {
        return warm_error("ReadUnitsPerSecond", index, lower, err);
    }
    if (units->write.is_present && units->write.n < current->warm_write) {
        return warm_error("WriteUnitsPerSecond", index, lower, err);
    }
    return true;
}

/* ---- Effects ---- */

static void rise_to(int64_t *value, int64_t to)
{
    *value = to > *value ? to : *value;
}

static void warm_at_least(struct throughput *throughput, int64_t read, int64_t write)
{
    rise_to(&throughput->warm_read, read);
    rise_to(&throughput->warm_write, write);
}

void throughput_init(struct throughput *throughput, const struct units_in *provisioned, const struct units_in *on_demand,
                     const struct units_in *warm)
{
    *throughput = (struct throughput){0};
    if (provisioned != NULL) {
        throughput->read_units = provisioned->read.n;
        throughput->write_units = provisioned->write.n;
        warm_at_least(throughput, provisioned->read.n, provisioned->write.n);
    } else {
        warm_at_least(throughput, WARM_READ_INITIAL, WARM_WRITE_INITIAL);
    }
    throughput_cap(throughput, on_demand);
    throughput_warm(throughput, warm);
}

void throughput_provision(struct throughput *throughput, const struct units_in *units, int64_t now_ms)
{
    /* Coming from on-demand is neither an increase nor a decrease. */
    bool was_provisioned = throughput->read_units > 0;
    bool rises = was_provisioned && (units->read.n > throughput->read_units || units->write.n > throughput->write_units);
    bool falls = was_provisioned && (units->read.n < throughput->read_units || units->write.n < throughput->write_units);
    if (rises) {
        throughput->last_increase_ms = now_ms;
    }
    if (falls) {
        throughput->decreases = throughput_decreases(throughput, now_ms) + 1;
        throughput->last_decrease_ms = now_ms;
    }
    throughput->read_units = units->read.n;
    throughput->write_units = units->write.n;
    throughput->max_read = 0;
    throughput->max_write = 0;
    warm_at_least(throughput, units->read.n, units->write.n);
}

void throughput_to_on_demand(struct throughput *throughput)
{
    throughput->read_units = 0;
    throughput->write_units = 0;
    warm_at_least(throughput, WARM_READ_INITIAL, WARM_WRITE_INITIAL);
}

void throughput_cap(struct throughput *throughput, const struct units_in *units)
{
    if (units != NULL && units->read.is_present) {
        throughput->max_read = units->read.n == -1 ? 0 : units->read.n;
    }
    if (units != NULL && units->write.is_present) {
        throughput->max_write = units->write.n == -1 ? 0 : units->write.n;
    }
}

void throughput_warm(struct throughput *throughput, const struct units_in *units)
{
    if (units != NULL && units->read.is_present) {
        rise_to(&throughput->warm_read, units->read.n);
    }
    if (units != NULL && units->write.is_present) {
        rise_to(&throughput->warm_write, units->write.n);
    }
}
