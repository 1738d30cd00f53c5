import MarketData
import TickerStore

/// An odd value of a row.
struct OutlierFinding {
    /// The row's place in its batch.
    var row: Int
    /// The field's place among all fields.
    var field: Int
    var judgement: OutlierWindow.Judgement

    /// How odd it is by a type of test; nil when that finds nothing.
    func score(_ type: OutlierType) -> Double? { type == .zScore ? judgement.score : judgement.jump }
}

/// Outliers of one batch that have a symbol, a field and a type in common.
struct OutlierCount: Equatable {
    var symbol: [UInt8]
    var field: OutlierField
    var type: OutlierType
    var count: Int
}

/// An outlier as a line of the store's `outliers` family: one JSON object.
struct OutlierLine {
    var series: SeriesKey
    var timestamp: Timestamp
    var field: OutlierField
    var judgement: OutlierWindow.Judgement
    /// The value as the row has it.
    var literal: [UInt8]
    var runID: String
    var batch: Int
    var detectedAt: Timestamp

    func record(_ type: OutlierType, score: Double) -> LineRecord {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("symbol")
        writer.string(series.symbol)
        writer.key("source")
        writer.string(series.source)
        writer.key("source_id")
        writer.string(series.sourceID)
        writer.member("timestamp", timestamp.description)
        writer.member("field", field.name)
        writer.key("value")
        writer.number(literal: literal)
        writer.member("type", type.rawValue)
        writer.statistic("score", score)
        writer.statistic("mean", judgement.mean)
        writer.statistic("stddev", judgement.deviation)
        writer.statistic("last", judgement.last)
        writer.member("samples", judgement.samples)
        writer.member("run_id", runID)
        writer.member("batch", batch)
        writer.member("detected_at", detectedAt.description)
        writer.endObject()
        return LineRecord(family: .outliers, series: series, position: timestamp.milliseconds, line: writer.bytes)
    }
}

extension JSONWriter {
    /// A machine number in its shortest form, or null where it is infinite: against a zero everything is.
    fileprivate mutating func statistic(_ key: String, _ value: Double) {
        self.key(key)
        if value.isFinite { number(literal: Array(value.description.utf8)) } else { null() }
    }
}
