import Glibc
import MarketData
import Testing

@testable import TickerStore

/// The bytes of a segment's files, read by hand and by other programs.
@Suite struct SegmentFormatTests {
    private static let start: Int64 = 1_700_000_000_000

    @Test func headersOfBlocksAreThoseOfTheFormat() throws {
        let fixture = try SegmentFixture(SegmentTests.manyGroups(), more: [])
        let file = fixture.disk.content(fixture.dataPath)
        var offset = 0
        var row = 0
        var number = 0
        file.withUnsafeBytes { bytes in
            while offset < file.count - 28 {
                #expect(Array(file[offset..<offset + 16]) == [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 34, 0, 0x42, 0x43, 2, 0])
                let length = Int(bytes.integer(UInt16.self, at: offset + 16)) + 1
                #expect(Array(file[offset + 18..<offset + 22]) == Array("KS".utf8) + [24, 0])
                #expect(bytes.integer(UInt64.self, at: offset + 22) == 7)
                #expect(bytes.integer(UInt32.self, at: offset + 30) == UInt32(number))
                #expect(bytes.integer(UInt32.self, at: offset + 34) == UInt32(row / 600))
                #expect(bytes.integer(UInt32.self, at: offset + 38) == UInt32(row))
                #expect(bytes.integer(UInt32.self, at: offset + length - 4) <= 32 << 10)
                row += Int(bytes.integer(UInt32.self, at: offset + 42))
                offset += length
                number += 1
            }
        }
        #expect(row == 1_800 && offset == file.count - 28)
        #expect(Array(file[offset...]) == SegmentFormat.endMark)
    }

    @Test func anIndexOfOneRowIsThatOfTheFormat() throws {
        let row = SegmentRow.ticker("BTC", Self.start, source: "csv", id: "btc", price: "1.5")
        let fixture = try SegmentFixture(id: 12, [[row]])
        let file = fixture.disk.content(fixture.indexPath)
        file.withUnsafeBytes { bytes in
            #expect(Array(file[0..<8]) == Array("KSPRIDX1".utf8))
            #expect(Array(file[8..<16]) == [2, 0, 1, 0, 0, 0, 0, 0])
            #expect(bytes.integer(UInt64.self, at: 16) == SegmentFixture.storeID.high && bytes.integer(UInt64.self, at: 32) == 12)
            // Columns: series 0, step 0, first row 0, place 0, zeros to a multiple of eight.
            #expect(file[64..<80].allSatisfy { $0 == 0 })
            #expect(bytes.integer(UInt64.self, at: 80) == (1 << 63 | 128 << 55 | 1_500_000_000_000_000 << 1) as UInt64)
            #expect(file[88..<112].allSatisfy { $0 == 0 })
            #expect(Array(file[112..<133]) == [12, 0, 0, 0, 1, 0, 0, 0, 3, 3, 3, 0] + Array("BTCcsvbtc".utf8))
            #expect(bytes.integer(UInt32.self, at: 136 + 12) == fixture.disk.content(fixture.dataPath).dropLast(28).withUnsafeBytes { crc32($0) })
            #expect(bytes.integer(Int64.self, at: 152 + 8) == Self.start && bytes.integer(UInt32.self, at: 152 + 24) == 1_000)
            #expect(bytes.integer(UInt64.self, at: 216) == 112 && bytes.integer(UInt64.self, at: 224) == 21)
            #expect(bytes.integer(UInt64.self, at: 216 + 96) == UInt64(file.count) && file.count == 216 + 128)
            #expect(Array(file.suffix(4)) == Array("KEND".utf8))
        }
    }

    @Test func zcatReadsTheLines() throws {
        let long = SegmentRow.ticker("ZZZ", Self.start, name: String(repeating: "n", count: 100_000))
        let fixture = try SegmentFixture([SegmentTests.manyGroups()[0] + [long]])
        let path = "/tmp/kasparro-segment-\(getpid()).jsonl.gz"
        let file = try PosixFileSystem().open(path, .openOrCreate)
        defer { try? PosixFileSystem().remove(path) }
        try file.write(all: fixture.disk.content(fixture.dataPath), at: 0)
        let expected = Array(fixture.lines.map { $0 + [0x0A] }.joined())
        for program in ["gzip -dc", "python3 -c 'import gzip,sys;sys.stdout.buffer.write(gzip.open(sys.argv[1]).read())'"] {
            guard let pipe = popen("\(program) \(path) 2>&1", "r") else { continue }
            var output: [UInt8] = []
            while true {
                let byte = getc(pipe)
                if byte == EOF { break }
                output.append(UInt8(byte))
            }
            let status = pclose(pipe)
            // 127: the program is not there.
            if status >> 8 != 127 { #expect(status == 0 && output == expected) }
        }
    }

    @Test func aSegmentOnTheRealDiskIsReadThroughItsMapping() throws {
        let disk = PosixFileSystem()
        let directory = "/tmp/kasparro-segment-dir-\(getpid())"
        try disk.makeDirectory(directory)
        defer { rmdir(directory) }
        let rows = SegmentTests.manyGroups()
        let keys = Set(rows.joined().map(\.key)).sorted()
        let writer = try SegmentWriter(family: .tickers, id: 1, storeID: SegmentFixture.storeID, series: keys, directory: directory, fileSystem: disk)
        for group in rows { try writer.add(group, keys) }
        let info = try writer.finish(recorded: 0...0)
        #expect(try disk.list(directory) == [".00000001.idx.tmp", ".00000001.jsonl.gz.tmp"])
        try writer.rename()
        let segment = try Segment(info, directory: directory, storeID: SegmentFixture.storeID, fileSystem: disk)
        try segment.checkAll()
        #expect(try segment.lines() == rows.joined().map(\.line))
        segment.removeFilesWhenUnused()
    }
}
