import Glibc
import MarketData
import TestSupport
import Testing

@testable import TickerStore

/// How fast segments are written and read; runs only when KASPARRO_SPEED is set, and means something only in a release build.
@Suite(.enabled(if: getenv("KASPARRO_SPEED") != nil)) struct SegmentSpeedTests {
    @Test func writingReadingAndRebuilding() throws {
        var random = SplitMix64(seed: 5)
        let disk = PosixFileSystem()
        let directory = "/tmp/kasparro-speed-\(getpid())"
        try disk.makeDirectory(directory)
        defer { rmdir(directory) }
        let keys = (0..<500).map { SeriesKey(symbol: "C\(1_000 + $0)", source: "coinpaprika", sourceID: "c\(1_000 + $0)-coin-number-\($0)") }
        let groups = (0..<8).map { group in
            (0..<65_500).map { row in
                let key = keys[row / 131]
                return SegmentRow.ticker(
                    String(decoding: key.symbol, as: UTF8.self),
                    1_700_000_000_000 + Int64(group) * 100_000_000 + Int64(row % 131) * 300_000,
                    source: "coinpaprika",
                    id: String(decoding: key.sourceID, as: UTF8.self),
                    name: "Coin number \(row / 131)",
                    price: "\(Int.random(in: 0...99_999, using: &random)).\(Int.random(in: 0...99_999_999, using: &random))",
                    volume: "\(Int.random(in: 0...99_999_999, using: &random))",
                    change: "\(Int.random(in: 1...99, using: &random)).\(Int.random(in: 10...99, using: &random))"
                )
            }
        }
        let prepared = groups.map { group in
            var lines = LineBuffer()
            for row in group { lines.append(row.line) }
            return (series: group.indices.map { UInt32($0 / 131) }, timestamps: group.map(\.milliseconds), lines: lines)
        }
        let bytes = prepared.reduce(0) { $0 + $1.lines.bytes.count + $1.timestamps.count }
        let clock = ContinuousClock()
        func report(_ what: String, _ time: Duration) {
            let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
            print("\(what): \(Int(Double(bytes) / seconds / 1e6)) MB/s of lines, \(Int(Double(524_000) / seconds / 1e3))k rows/s")
        }
        var info: SegmentInfo?
        report(
            "write",
            try clock.measure {
                let writer = try SegmentWriter(
                    family: .tickers,
                    id: 1,
                    storeID: SegmentFixture.storeID,
                    series: keys,
                    directory: directory,
                    fileSystem: disk
                )
                for group in prepared { try writer.add(series: group.series, timestamps: group.timestamps, lines: group.lines) }
                info = try writer.finish(recorded: 0...0)
                try writer.rename()
            }
        )
        print("bytes of lines \(bytes), file \(info!.bytes), index \(info!.indexBytes)")
        let segment = try Segment(info!, directory: directory, storeID: SegmentFixture.storeID, fileSystem: disk)
        var seen = 0
        let all = Array(0..<segment.rowCount)
        report("read all, no cache", try clock.measure { try segment.readLines(all, cache: nil) { _, line in seen += line.count } })
        let cache = BlockCache(capacity: 1 << 30)
        report("read all, cold cache", try clock.measure { try segment.readLines(all, cache: cache) { _, line in seen += line.count } })
        report("read all, warm cache", try clock.measure { try segment.readLines(all, cache: cache) { _, line in seen += line.count } })
        #expect(seen == 3 * (bytes - segment.rowCount))
        report(
            "walk",
            try clock.measure {
                var walker = try BlockWalker(disk.open(segment.dataPath, .read), segmentID: 1)
                while let step = try walker.next() { if case .damage = step { Issue.record("damage") } }
            }
        )
        report(
            "rebuild",
            try clock.measure {
                let outcome = try SegmentIndexRebuild.run(
                    family: .tickers,
                    id: 1,
                    storeID: SegmentFixture.storeID,
                    directory: directory,
                    fileSystem: disk,
                    expected: info
                )
                #expect(outcome.indexCRC == info!.indexCRC)
            }
        )
        segment.removeFilesWhenUnused()
    }
}
