import MarketData
import Synchronization
import TickerStore

/// Finds values that do not fit their series, in the batches of one run, before they go to the store (spec section 5).
///
/// Only a row that is newer than all rows of its series is tested, and then belongs to what the next one is tested against; so what is read or
/// sent twice is not found twice. Outliers are flagged, never dropped.
final class OutlierDetector: Sendable {
    /// Outliers that a run stores; more are only counted.
    static let storedAtMost = 10_000
    /// Series whose windows a run has in memory, half a kilobyte each.
    private static let seriesKept = 65_536

    fileprivate struct State {
        var table: WatchedSeriesTable
        var stored = 0
        /// Whether somebody was told that a series could not be read.
        var hasComplained = false
        var findings: [OutlierFinding] = []
    }

    private let runID: String
    private let snapshot: @Sendable () -> Snapshot
    private let state: Mutex<State>

    /// - Parameters:
    ///   - seriesKept: Series in memory at most, apart from those of the batches on their way to the disk.
    ///   - snapshot: What the store holds now.
    init(runID: String, seriesKept: Int = OutlierDetector.seriesKept, snapshot: @escaping @Sendable () -> Snapshot) {
        self.runID = runID
        self.snapshot = snapshot
        // Behind the newest batch at most so many may not be in the store yet.
        state = Mutex(State(table: WatchedSeriesTable(capacity: seriesKept, batchesOnTheirWay: ActiveRun.batchesInFlight)))
    }

    /// Tests the rows of a batch that goes to the store next, and adds the outliers to it.
    ///
    /// - Parameters:
    ///   - numbers: Those of each row.
    ///   - number: The batch's.
    func test(_ batch: inout Batch, _ numbers: [TestedNumbers], number: Int, at time: Timestamp) -> OutlierTally {
        var tally = OutlierTally()
        guard !batch.rows.isEmpty else { return tally }
        state.withLock { state in
            let places = state.places(of: batch.series, in: snapshot(), &tally)
            state.findings.removeAll(keepingCapacity: true)
            tally.tested = state.table.take(batch.rows.span, numbers.span, places: places.span, &state.findings)
            if !state.findings.isEmpty { state.store(&batch, runID: runID, number: number, at: time, &tally) }
        }
        return tally
    }
}

/// What a detector did with a batch.
struct OutlierTally {
    /// Rows that are the newest of their series, and so are new to the store.
    var tested = 0
    var outliers = 0
    /// The outliers by what the metrics tell apart.
    var counts: [OutlierCount] = []
    /// Why rows of some series cannot be tested; only the first time.
    var problem: String?
}

extension OutlierDetector.State {
    fileprivate mutating func places(of wanted: [SeriesKey], in snapshot: Snapshot, _ tally: inout OutlierTally) -> [Int] {
        var problem: String?
        let places = table.places(of: wanted) { key in
            do throws(StoreError) {
                return WatchedSeries(try snapshot.newest(OutlierWindow.length, of: key))
            } catch {
                problem = problem ?? "\(key) and perhaps other series are not searched for outliers in this run: \(error.message)"
                return .unknown
            }
        }
        if problem != nil, !hasComplained {
            hasComplained = true
            tally.problem = problem
        }
        return places
    }

    /// Counts the findings, and adds them to the batch as far as it and the run may have more.
    fileprivate mutating func store(_ batch: inout Batch, runID: String, number: Int, at time: Timestamp, _ tally: inout OutlierTally) {
        let fields = OutlierField.allCases
        let types = OutlierType.allCases
        var counts = [Int](repeating: 0, count: batch.series.count * fields.count * types.count)
        var room = LogFormat.maximumBatchBytes - batch.byteCount
        var lines = LineStarts()
        for finding in findings {
            let row = batch.rows[finding.row]
            for type in types {
                guard let score = finding.score(type) else { continue }
                tally.outliers += 1
                counts[(Int(row.series) * fields.count + finding.field) * types.count + type.ordinal] += 1
                guard stored < OutlierDetector.storedAtMost else { continue }
                let line = OutlierLine(
                    series: batch.series[Int(row.series)],
                    timestamp: row.timestamp,
                    field: fields[finding.field],
                    judgement: finding.judgement,
                    literal: lines.literal(fields[finding.field], ofRow: finding.row, in: batch),
                    runID: runID,
                    batch: number,
                    detectedAt: time
                )
                let record = line.record(type, score: score)
                guard record.line.count <= room else { continue }
                room -= record.line.count
                stored += 1
                batch.records.append(record)
            }
        }
        for (place, count) in counts.enumerated() where count > 0 {
            let (combination, type) = (place / types.count, types[place % types.count])
            let symbol = batch.series[combination / fields.count].symbol
            tally.counts.append(OutlierCount(symbol: symbol, field: fields[combination % fields.count], type: type, count: count))
        }
    }
}

/// Finds the lines of rows that are asked for in their order.
private struct LineStarts {
    private var row = 0
    private var start = 0

    mutating func literal(_ field: OutlierField, ofRow wanted: Int, in batch: Batch) -> [UInt8] {
        while row < wanted {
            start += Int(batch.rows[row].lineLength)
            row += 1
        }
        let line = batch.lines.span.extracting(start..<start + Int(batch.rows[row].lineLength))
        guard let layout = TickerLineLayout(line) else { preconditionFailure("a row's line is one that we made") }
        let range =
            switch field {
            case .price: layout.price
            case .volume: layout.volume
            case .marketCap: layout.marketCap
            }
        return line.extracting(range).bytes
    }
}
