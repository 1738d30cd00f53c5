import MarketData
import TickerStore

/// The series of a run whose windows are in memory; those that were not met for longest go first.
///
/// What goes is read from the store again when it is met again, so a series must not go while rows of it are on their way there: those of the
/// newest batches stay, however many there are.
struct WatchedSeriesTable {
    /// Series that are kept, apart from those of the newest batches.
    private let capacity: Int
    /// Batches whose rows may not be in the store yet.
    private let batchesOnTheirWay: Int
    private var numbers: [SeriesKey: Int] = [:]
    private var keys: [SeriesKey] = []
    /// By number: the batch that met it last.
    private var lastMet: [Int] = []
    private(set) var series: [WatchedSeries] = []
    /// Counts batches.
    private var batch = 0

    init(capacity: Int, batchesOnTheirWay: Int) {
        self.capacity = capacity
        self.batchesOnTheirWay = batchesOnTheirWay
    }

    var count: Int { keys.count }

    /// The places of a batch's series in `series`, until the next batch. Those that are new here are given by `load`.
    mutating func places(of wanted: [SeriesKey], load: (SeriesKey) -> WatchedSeries) -> [Int] {
        batch += 1
        if keys.count > capacity { makeRoom() }
        return wanted.map { key in
            if let number = numbers[key] {
                lastMet[number] = batch
                return number
            }
            let number = keys.count
            numbers[key] = number
            keys.append(key)
            lastMet.append(batch)
            series.append(load(key))
            return number
        }
    }

    /// Tests rows that come next, in their order, and takes those in that are newer than all before.
    ///
    /// - Parameters:
    ///   - numbers: Those of each row.
    ///   - places: Of the series that the rows name.
    /// - Returns: How many were newer.
    mutating func take(_ rows: Span<BatchRow>, _ numbers: Span<TestedNumbers>, places: Span<Int>, _ findings: inout [OutlierFinding]) -> Int {
        var taken = 0
        var series = series.mutableSpan
        for row in rows.indices {
            let timestamp = rows[row].timestamp.milliseconds
            let place = places[Int(rows[row].series)]
            guard timestamp > series[place].newest else { continue }
            series[place].take(numbers[row], at: timestamp, row: row, &findings)
            taken += 1
        }
        return taken
    }

    /// Drops a quarter of the capacity at once, so that a file of a million coins does not sort for each of them.
    private mutating func makeRoom() {
        let kept = capacity - capacity / 4
        let firstOnItsWay = batch - batchesOnTheirWay
        let byAge = keys.indices.sorted { lastMet[$0] > lastMet[$1] }
        let staying = byAge.enumerated().prefix { $0.offset < kept || lastMet[$0.element] >= firstOnItsWay }.map(\.element).sorted()
        for (place, number) in staying.enumerated() where place != number {
            keys[place] = keys[number]
            lastMet[place] = lastMet[number]
            series[place] = series[number]
        }
        let gone = keys.count - staying.count
        keys.removeLast(gone)
        lastMet.removeLast(gone)
        series.removeLast(gone)
        numbers.removeAll(keepingCapacity: true)
        for (place, key) in keys.enumerated() { numbers[key] = place }
    }
}
