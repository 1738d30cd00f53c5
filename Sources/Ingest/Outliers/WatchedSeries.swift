import MarketData
import TickerStore

/// A series whose rows are tested: its newest timestamp, and the last values of each field.
struct WatchedSeries {
    /// Milliseconds since 1970; `.min` before its first row, `.max` when no row of it is to be tested.
    private(set) var newest = Int64.min
    private var windows = InlineArray<3, OutlierWindow>(repeating: OutlierWindow())

    /// A series without a row.
    init() {}

    /// A series that is not tested, because nobody knows what it was like.
    static var unknown: WatchedSeries {
        var series = WatchedSeries()
        series.newest = .max
        return series
    }

    /// A series as its stored rows left it.
    ///
    /// - Parameter page: its newest rows, newest first.
    init(_ page: RowPage) {
        guard let first = page.first else { return }
        newest = first.timestamp.milliseconds
        for index in page.ends.indices.reversed() {
            let line = page.bytes.span.extracting((index == 0 ? 0 : page.ends[index - 1])..<page.ends[index])
            if let numbers = TestedNumbers(line: line) { append(numbers) }
        }
    }

    /// Tests a row that is newer than the newest, and takes it in; what is odd about its numbers is added to `findings`.
    ///
    /// - Parameter row: its place in the batch.
    @inline(__always)
    mutating func take(_ numbers: TestedNumbers, at timestamp: Int64, row: Int, _ findings: inout [OutlierFinding]) {
        // By place: a list of all fields would be made for each row.
        for field in windows.indices {
            if let judgement = windows[field].judge(numbers.values[field]) {
                findings.append(OutlierFinding(row: row, field: field, judgement: judgement))
            }
        }
        append(numbers)
        newest = timestamp
    }

    @inline(__always)
    private mutating func append(_ numbers: TestedNumbers) {
        for field in windows.indices where !numbers.values[field].isNaN { windows[field].append(numbers.values[field]) }
    }
}
