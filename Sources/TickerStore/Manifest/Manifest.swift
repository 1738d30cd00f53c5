import MarketData

/// `MANIFEST.json`: the only list of what exists (`FORMAT.md`, Manifest).
///
/// The file is replaced as a whole: written beside the old one, synced, renamed, and the directory synced. The CRC-32 in
/// its last member covers every byte before that member's comma.
struct Manifest: Equatable {
    static let fileName = "MANIFEST.json"
    static let previousName = "MANIFEST.json.prev"
    static let format = 1

    /// The file that holds the state.
    struct StateFile: Equatable {
        /// `<n>.json` in `state/`.
        var name: String
        var bytes: Int
        var crc: UInt32
    }

    var storeID: StoreID
    /// Counts the manifests of this store.
    var generation: Int
    /// Milliseconds since 1970 when the store was made.
    var created: Int64
    /// An LSN that was durable when the manifest was written.
    var durableLSN: UInt64
    /// The LSN with which the listed log begins.
    var firstLSN: UInt64
    /// Names in `wal/`, oldest first; the last one is open.
    var logFiles: [String]
    /// Tells apart what goes on from one backup: each copy and each restore has another one, a store as it was made none. The numbers of later
    /// records mean other records in each.
    var history: UInt32?
    /// The smallest segment id that was never given.
    var nextSegment: UInt64 = 1
    var state: StateFile?
    /// By family, then by id.
    var segments: [SegmentInfo] = []

    init(storeID: StoreID, generation: Int, created: Int64, durableLSN: UInt64, firstLSN: UInt64, logFiles: [String]) {
        self.storeID = storeID
        self.generation = generation
        self.created = created
        self.durableLSN = durableLSN
        self.firstLSN = firstLSN
        self.logFiles = logFiles
    }

    /// The names that may lie in a family's directory.
    func fileNames(of family: Family) -> Set<String> {
        var names: Set<String> = []
        for segment in segments where segment.family == family {
            names.formUnion([segment.dataName, segment.indexName])
            if let dead = segment.dead { names.insert(dead.file) }
        }
        return names
    }

    /// The same for a directory in which other records will follow.
    var withNewHistory: Manifest {
        var copy = self
        copy.history = .random(in: .min ... .max)
        return copy
    }

    // MARK: Text

    func encoded() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("format", Self.format)
        writer.member("store_id", storeID.description)
        writer.member("generation", generation)
        if let history { writer.member("history", Hexadecimal.text(history)) }
        writer.member("created_ms", created)
        writer.member("durable_lsn", durableLSN)
        writer.member("first_lsn", firstLSN)
        writer.array("wal", logFiles) { $0.string($1) }
        writer.member("next_segment", nextSegment)
        writer.key("state")
        if let state {
            writer.file(state.name, bytes: state.bytes, crc: state.crc, rows: nil)
        } else {
            writer.null()
        }
        writer.array("segments", segments) { $1.append(to: &$0) }
        writer.endObject()
        var bytes = writer.bytes
        bytes.removeLast()
        let crc = bytes.withUnsafeBytes { crc32($0) }
        bytes.append(contentsOf: Array(",\"crc32\":\"\(Hexadecimal.text(crc))\"}\n".utf8))
        return bytes
    }

    /// - Throws: `.corrupt` naming `path`, or `.newerFormat`.
    init(decoding bytes: [UInt8], path: String) throws(StoreError) {
        let advice = LogRecovery.advice
        // `,"crc32":"xxxxxxxx"}` and a newline.
        let tail = 21
        guard bytes.count > tail, let document = try? JSONDocument(parsing: bytes),
            let crc = document.root.crc("crc32"), bytes.withUnsafeBytes({ crc32($0.slice(0..<bytes.count - tail)) }) == crc,
            // The rest of the text is not covered by its own sum.
            bytes.suffix(tail).elementsEqual(Array(",\"crc32\":\"\(Hexadecimal.text(crc))\"}\n".utf8))
        else {
            throw .corrupt(path, offset: 0, "the manifest is damaged. \(advice)")
        }
        let root = document.root
        guard let format = root.member("format")?.integer, format <= Int64(Self.format) else {
            throw StoreError(.newerFormat, "\(path): written by a newer kasparro; this one reads format \(Self.format)")
        }
        guard let storeID = root.member("store_id")?.string.flatMap(StoreID.init), let generation = root.member("generation")?.integer,
            let created = root.member("created_ms")?.integer, let durable = root.member("durable_lsn")?.integer, durable >= 0,
            let first = root.member("first_lsn")?.integer, first >= 1, (1..<Int64(1 << 62)).contains(generation),
            let wal = root.member("wal")
        else {
            throw .corrupt(path, offset: 0, "the manifest lacks a member. \(advice)")
        }
        let names = wal.elements.map { $0.string ?? "" }
        guard names.allSatisfy({ LogFormat.firstLSN(ofFileName: $0) != nil }) else {
            throw .corrupt(path, offset: 0, "the manifest lists a log file whose name is none. \(advice)")
        }
        self.init(
            storeID: storeID,
            generation: Int(generation),
            created: created,
            durableLSN: UInt64(durable),
            firstLSN: UInt64(first),
            logFiles: names
        )
        history = root.member("history")?.string.flatMap { UInt32($0, radix: 16) }
        nextSegment = UInt64(max(1, root.member("next_segment")?.integer ?? 1))
        if let state = root.member("state"), state.member("file") != nil {
            guard let name = state.member("file")?.string, let bytes = state.count("bytes"), let crc = state.crc("crc32") else {
                throw .corrupt(path, offset: 0, "the manifest's entry for the state is incomplete. \(advice)")
            }
            self.state = StateFile(name: name, bytes: bytes, crc: crc)
        }
        if let entries = root.member("segments")?.elements {
            for entry in entries {
                guard let segment = SegmentInfo(entry) else {
                    throw .corrupt(path, offset: 0, "entry \(segments.count) of the segments is no segment. \(advice)")
                }
                segments.append(segment)
            }
        }
    }
}
