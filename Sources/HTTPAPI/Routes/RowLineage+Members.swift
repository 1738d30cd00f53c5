import MarketData
import TickerStore

extension RowLineage {
    /// The same as the rest of a CSV record, with its line end; empty cells for null.
    var cells: [UInt8] {
        let (run, batch, fetchedAt) = (origin?.runID ?? "", (origin?.batch).map { "\($0)" } ?? "", (origin?.fetchedAt).map { "\($0)" } ?? "")
        return Array(",\(SeriesKey.idempotencyKey(series, timestamp)),\(run),\(batch),\(fetchedAt)\n".utf8)
    }

    /// The rest of a row's object behind its `source_id`, with the brace that ends it: `idempotency_key` (spec section 3), and `run_id`, `batch` and
    /// `fetched_at` of its raw record, null where that is not kept any more.
    var members: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("idempotency_key", SeriesKey.idempotencyKey(series, timestamp))
        writer.member("run_id", origin?.runID)
        writer.member("batch", origin?.batch)
        writer.member("fetched_at", (origin?.fetchedAt).map { "\($0)" })
        writer.endObject()
        // The comma takes the place of the brace that begins an object.
        var bytes = writer.bytes
        bytes[0] = UInt8(ascii: ",")
        return bytes
    }
}
