import Hummingbird
import Ingest
import MarketData
import TickerStore

/// `GET /stats`: counts, the last runs, limits, the store's inner figures, the schedule and the alerts.
enum StatsRoute {
    static func endpoint(_ context: APIContext) -> Endpoint {
        Endpoint(.get, "/stats", summary: "row counts, the last runs, rate limits, the store, the schedule and the alerts") { request in
            let runs = context.runs.statistics()
            return request.jsonObject { writer in
                writer.member("run_id", context.runs.latestRunID)
                writer.health(status: runs.healthStatus, errors: runs.healthErrors)
                writer.key("counts")
                context.rows.snapshot().counts.append(to: &writer)
                append(runs, to: &writer)
                append(context.runs.sources(), to: &writer)
                writer.key("store")
                context.rows.statistics.append(to: &writer)
                writer.key("schedule")
                context.schedule().append(to: &writer)
                writer.key("alerts")
                context.alerts().append(to: &writer, includingErrors: false)
            }
        }
    }

    private static func append(_ runs: RunStatistics, to writer: inout JSONWriter) {
        writer.member("latency_avg_ms", runs.latencyAverageMilliseconds)
        writer.rawMember("error_rate", Array(errorRate(failed: runs.failedBatches, of: runs.batches).utf8))
        writer.member("last_successful_run_id", runs.lastSuccessfulRunID)
        writer.member("run_in_progress", runs.runInProgress)
        writer.key("incremental")
        writer.beginObject()
        writer.member("last_run_new_records", runs.lastRunNewRecords)
        writer.member("last_run_skipped", runs.lastRunSkipped)
        writer.member("total_duplicate_prevention", runs.totalDuplicatePrevention)
        writer.endObject()
    }

    private static func append(_ sources: [SourceStatus], to writer: inout JSONWriter) {
        writer.key("rate_limits")
        writer.beginObject()
        for source in sources {
            writer.key(source.name)
            writer.beginObject()
            let limits = source.limits
            writer.member("quota_per_minute", source.quotaPerMinute)
            writer.member("effective", limits?.effectivePerMinute)
            writer.member("tokens_remaining", source.tokensRemaining)
            writer.member("not_before", limits?.notBefore?.description)
            writer.member("month_used", limits?.monthUsed)
            writer.member("month_budget", limits?.monthBudget)
            writer.member("circuit", limits?.circuit)
            writer.member("throttle_events", limits?.throttleEvents)
            writer.member("waiting_until", limits?.waitingUntil?.description)
            writer.member("waiting_for", limits?.waitingFor)
            writer.endObject()
        }
        writer.endObject()
    }

    /// `failed / all` as a decimal with four digits, rounded half up; 0.0000 when nothing ran.
    static func errorRate(failed: Int, of all: Int) -> String {
        guard all > 0, failed > 0 else { return "0.0000" }
        let tenThousandths = min(10_000, (failed * 20_000 + all) / (2 * all))
        let digits = String(tenThousandths % 10_000)
        return "\(tenThousandths / 10_000)." + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
