import MarketData
import TickerStore

/// A row of the made-up history.
struct HistoryRow {
    var coin = 0
    var timestamp = Timestamp(milliseconds: 0)
    var price: [UInt8] = []
    var volume: [UInt8] = []
    var marketCap: [UInt8] = []
    var percentChange: [UInt8] = []
}

/// Minutely samples of many coins in the order of time; the same ones with every run.
struct History {
    private(set) var coins: [Coin]
    private var random: SplitMix64
    private var nextRow = 0
    private let start: Int64
    private var row = HistoryRow()
    private var batches = 0
    /// The price of every row; nil: each coin has its own.
    var price: [UInt8]?

    /// - Parameter start: The first timestamp, milliseconds since 1970.
    init(series: Int, start: Int64 = 1_704_067_200_000) {
        var random = SplitMix64(seed: 7)
        coins = (0..<series).map { Coin(number: $0, random: &random) }
        self.random = random
        self.start = start
    }

    /// The next row; valid until the next call.
    mutating func next() -> HistoryRow {
        row.coin = nextRow % coins.count
        row.timestamp = Timestamp(milliseconds: start + Int64(nextRow / coins.count) * 60_000)
        coins[row.coin].step(&random)
        coins[row.coin].write(to: &row, &random)
        if let price { row.price = price }
        nextRow += 1
        return row
    }

    /// The next rows as a loader would hand them to the store: lines, raw records and a checkpoint.
    mutating func batch(_ rows: Int) -> Batch {
        batches += 1
        // Now: older raw records would be dropped by their age.
        let fetched = Timestamp(milliseconds: currentMilliseconds())
        var batch = Batch(origin: BatchOrigin(runID: "etl_20251009T085320Z_benchmrk", number: batches, source: "coinpaprika", fetchedAt: fetched))
        batch.lines.reserveCapacity(rows * 256)
        batch.raw.reserveCapacity(rows * 200)
        var numbers: [Int: UInt32] = [:]
        for _ in 0..<rows {
            let row = next()
            let coin = coins[row.coin]
            if numbers[row.coin] == nil {
                numbers[row.coin] = UInt32(batch.series.count)
                batch.series.append(coin.key)
            }
            let (line, raw) = (batch.lines.count, batch.raw.count)
            row.appendLine(of: coin, to: &batch.lines)
            row.appendRaw(of: coin, to: &batch.raw)
            batch.rows.append(
                BatchRow(
                    series: numbers[row.coin]!,
                    lineLength: UInt32(batch.lines.count - line),
                    rawLength: UInt32(batch.raw.count - raw),
                    timestamp: row.timestamp
                )
            )
        }
        let number = batches
        batch.state = { _ in [StateChange(key: "checkpoint/coinpaprika", value: [UInt8]("{\"batch\":\(number)}".utf8))] }
        return batch
    }
}

extension HistoryRow {
    /// The stored line and its newline.
    func appendLine(of coin: Coin, to out: inout [UInt8]) {
        TickerLine.append(
            symbol: coin.key.symbol.span,
            name: coin.name.span,
            price: price.span,
            volume: volume.span,
            marketCap: marketCap.span,
            percentChange: percentChange.span,
            timestamp: timestamp,
            source: coin.key.source.span,
            sourceID: coin.key.sourceID.span,
            to: &out
        )
        out.append(UInt8(ascii: "\n"))
    }

    /// The record as a source would have sent it.
    func appendRaw(of coin: Coin, to out: inout [UInt8]) {
        out.append("{\"id\":\"", coin.key.sourceID)
        out.append("\",\"name\":\"", coin.name)
        out.append("\",\"symbol\":\"", coin.key.symbol)
        out.append("\",\"price\":", price)
        out.append(",\"volume_24h\":", volume)
        out.append(",\"market_cap\":", marketCap)
        out.append(",\"percent_change_24h\":", percentChange)
        out.append(",\"time\":\"")
        timestamp.append(to: &out)
        out.append("\"}")
    }

    /// The row as a tuple of SQL.
    func appendTuple(of coin: Coin, to out: inout [UInt8]) {
        out.append("('", coin.key.symbol)
        for text in [coin.name, price, volume, marketCap, percentChange] { out.append("','", text) }
        out.append("','")
        timestamp.append(to: &out)
        for text in [coin.key.source, coin.key.sourceID] { out.append("','", text) }
        out.append("')")
    }
}

extension [UInt8] {
    /// Appends a text and what belongs behind it.
    mutating func append(_ text: StaticString, _ behind: [UInt8] = []) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        append(contentsOf: behind)
    }
}
