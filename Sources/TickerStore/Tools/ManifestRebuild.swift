import MarketData

/// Finds out what a store holds from its files alone, when no manifest can be read.
struct ManifestRebuild {
    private let directory: DataDirectory
    private let previous: Manifest?
    private var storeIDs: [StoreID] = []
    private var segments: [SegmentInfo] = []
    private var state: Manifest.StateFile?
    private var stateLSN: UInt64 = 0
    /// The highest LSN that any sealed line has: new ones must come behind it.
    private var sealedLSN: UInt64 = 0
    private var logs: [String] = []
    /// The highest numbers that any file name uses.
    private var highestID: UInt64 = 0
    private var highestGeneration = 0
    private(set) var lost: [String] = []

    /// - Parameter previous: The manifest before, if that can be read: it knows the store's id.
    init(_ directory: DataDirectory, previous: Manifest?) {
        self.directory = directory
        self.previous = previous
        if let previous { storeIDs = [previous.storeID] }
    }

    /// - Returns: nil when there is no file that tells whose store this is.
    mutating func run() throws(StoreError) -> Manifest? {
        try findLogs()
        try findState()
        for family in Family.allCases { try findSegments(family) }
        guard let storeID = storeIDs.first else { return nil }
        let first = logs.first.flatMap { LogFormat.firstLSN(ofFileName: $0) } ?? max(stateLSN + 1, sealedLSN + 1, previous?.firstLSN ?? 1)
        var manifest = Manifest(
            storeID: storeID,
            generation: max(highestGeneration, previous?.generation ?? 0) + 2,
            created: previous?.created ?? 0,
            durableLSN: min(stateLSN, first - 1),
            firstLSN: first,
            logFiles: logs
        )
        manifest.segments = segments.sorted { ($0.family.rawValue, $0.id) < ($1.family.rawValue, $1.id) }
        manifest.nextSegment = max(highestID + 1, previous?.nextSegment ?? 1)
        manifest.state = state
        return manifest
    }

    private func names(_ path: String) throws(StoreError) -> [String] {
        try storing { () throws(FileError) in try directory.fileSystem.status(path) == nil ? [] : try directory.fileSystem.list(path) }
    }

    private mutating func findLogs() throws(StoreError) {
        for name in try names(directory.walPath) where LogFormat.firstLSN(ofFileName: name) != nil {
            let path = directory.walPath + "/" + name
            let file = try storing { () throws(FileError) in try directory.fileSystem.open(path, .read) }
            if let reader = try? LogFileReader(file: file, path: path) {
                guard storeIDs.isEmpty || storeIDs[0] == reader.header.storeID else { continue }
                storeIDs.append(reader.header.storeID)
            }
            logs.append(name)
        }
    }

    /// The newest state that can be read.
    private mutating func findState() throws(StoreError) {
        for name in try names(directory.statePath) {
            guard name.hasSuffix(".json"), let number = Int(name.dropLast(5)) else { continue }
            highestGeneration = max(highestGeneration, number)
            let contents = try storing { () throws(FileError) in try directory.fileSystem.contents(directory.statePath + "/" + name, limit: 64 << 20)
            }
            guard let contents, let root = try? JSONDocument(parsing: contents).root, let last = root.count("last_lsn"),
                let id = root.member("store_id")?.string.flatMap(StoreID.init), storeIDs.isEmpty || storeIDs[0] == id, UInt64(last) >= stateLSN
            else { continue }
            storeIDs.append(id)
            stateLSN = UInt64(last)
            state = Manifest.StateFile(name: name, bytes: contents.count, crc: contents.withUnsafeBytes { crc32($0) })
        }
    }

    // MARK: Segments

    private mutating func findSegments(_ family: Family) throws(StoreError) {
        var deadFiles: [UInt64: (generation: Int, name: String)] = [:]
        for name in try names(directory.path(of: family)) {
            guard let id = SegmentInfo.id(ofFileName: name) else { continue }
            highestID = max(highestID, id)
            if let mark = name.lastIndex(of: "."), name.contains(".del."), let generation = Int(name[mark...].dropFirst()) {
                highestGeneration = max(highestGeneration, generation)
                if generation > deadFiles[id]?.generation ?? -1 { deadFiles[id] = (generation, name) }
            }
            guard name == SegmentInfo.dataName(id) else { continue }
            if let info = try survey(family, id) {
                segments.append(info)
                // Names are sorted: `.del` comes before `.jsonl.gz`.
                if let dead = deadFiles[id] { addDeadRows(dead.name, to: &segments[segments.count - 1]) }
            } else {
                lost.append("segments/\(family.name)/\(name): no line of it can be read")
            }
        }
    }

    /// The newest list of dead rows, if it is whole.
    private func addDeadRows(_ name: String, to info: inout SegmentInfo) {
        let path = directory.path(of: info.family) + "/" + name
        let contents = try? directory.fileSystem.contents(path, limit: DeadRowsFile.length(rows: info.rows))
        guard let contents, let words = try? DeadRowsFile.decode(contents, info: info, path: path) else { return }
        let count = words.reduce(0) { $0 + $1.nonzeroBitCount }
        info.dead = SegmentInfo.DeadFile(file: name, rows: count, bytes: contents.count, crc: contents.withUnsafeBytes { crc32($0) })
    }

    /// What the lines of a segment say of themselves; nil when none can be read.
    private mutating func survey(_ family: Family, _ id: UInt64) throws(StoreError) -> SegmentInfo? {
        let path = directory.path(of: family) + "/" + SegmentInfo.dataName(id)
        let file = try storing { () throws(FileError) in try directory.fileSystem.open(path, .read) }
        var times: ClosedRange<Int64>?
        var recorded: ClosedRange<Int64>?
        var live: [String: Int] = [:]
        var salvage = try SegmentSalvage(family: family, id: id, file: file)
        try salvage.run { row in
            times = Self.extend(times, row.timestamp)
            recorded = Self.extend(recorded, family == .raw ? Self.fetchedAt(row.line) ?? row.timestamp : row.timestamp)
            if family == .raw || family == .quarantine { sealedLSN = max(sealedLSN, Self.lsn(row.line)) }
            live[String(decoding: row.key.source, as: UTF8.self), default: 0] += 1
        }
        guard let times, let recorded else { return nil }
        let size = try storing { () throws(FileError) in try file.status().size }
        var info = SegmentInfo(
            family: family,
            id: id,
            rows: salvage.rows,
            earliest: times.lowerBound,
            latest: times.upperBound,
            bytes: size,
            crc: try FileCopier.checksum(of: path, directory.fileSystem),
            indexBytes: 0,
            indexCRC: 0,
            live: live,
            recorded: recorded,
            dead: nil
        )
        try addIndex(to: &info)
        return info
    }

    /// The index as it is; whether it is good is the check's business.
    private mutating func addIndex(to info: inout SegmentInfo) throws(StoreError) {
        let path = directory.path(of: info.family) + "/" + info.indexName
        guard let size = try storing({ () throws(FileError) in try directory.fileSystem.status(path)?.size }) else { return }
        info.indexBytes = size
        info.indexCRC = try FileCopier.checksum(of: path, directory.fileSystem)
        let memory = try storing { () throws(FileError) in try directory.fileSystem.open(path, .read).map(size) }
        guard size >= SegmentFormat.indexHeaderLength, let storeID = Self.storeID(inHeader: memory.bytes) else { return }
        storeIDs.append(storeID)
        let index = try? IndexFile(memory, path: path, family: info.family, segmentID: info.id, storeID: storeID, dataLength: info.bytes)
        guard let index, index.rows >= info.rows else { return }
        // It also knows the rows that cannot be read.
        info.rows = index.rows
        for group in index.groups {
            info.earliest = min(info.earliest, group.earliest)
            info.latest = max(info.latest, group.latest)
        }
    }

    private static func storeID(inHeader head: UnsafeRawBufferPointer) -> StoreID? {
        guard head.integer(UInt64.self, at: 0) == SegmentFormat.indexMagic, head.integer(UInt32.self, at: 60) == crc32(head.slice(0..<60)) else {
            return nil
        }
        return StoreID(high: head.integer(UInt64.self, at: 16), low: head.integer(UInt64.self, at: 24))
    }

    private static func extend(_ range: ClosedRange<Int64>?, _ value: Int64) -> ClosedRange<Int64> {
        min(range?.lowerBound ?? value, value)...max(range?.upperBound ?? value, value)
    }

    /// `lsn` of a raw or quarantined record. 0: it has none, or one that no store can have come to.
    ///
    /// It stands directly behind `batch`: an older version has written none, and then the record itself may have a member of that name.
    private static func lsn(_ line: [UInt8]) -> UInt64 {
        line.withUnsafeBytes { bytes in
            let (batch, mark) = (Array(#","batch":"#.utf8), Array(#","lsn":"#.utf8))
            guard let place = batch.withUnsafeBytes({ firstPlace(of: $0, in: bytes) }) else { return 0 }
            let behind = bytes[(place + batch.count)...].drop(while: isDigit)
            guard behind.starts(with: mark) else { return 0 }
            let number = UInt64(String(decoding: behind.dropFirst(mark.count).prefix(while: isDigit), as: UTF8.self)) ?? 0
            return number < 1 << 62 ? number : 0
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// `fetched_at` of a raw record; it stands before the record itself.
    private static func fetchedAt(_ line: [UInt8]) -> Int64? {
        line.withUnsafeBytes { bytes in
            let mark = Array(#","fetched_at":""#.utf8)
            guard let place = mark.withUnsafeBytes({ firstPlace(of: $0, in: bytes) }) else { return nil }
            let start = place + mark.count
            guard let end = bytes[start...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
            return try? Timestamp.parse(Array(bytes[start..<end]).span).milliseconds
        }
    }
}
