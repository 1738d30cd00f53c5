import MarketData

/// Copies a sealed store: the files that the manifest lists, and a manifest without a log. The result is a data directory.
///
/// The files are immutable, so second names of them do where both lie on one disk. Nothing is removed meanwhile: removing is work of the same thread.
struct BackupJob: Sendable {
    struct Target: Sendable {
        /// A directory that does not exist yet, or is empty.
        var path: String
        /// Copies, even where second names would do.
        var copies: Bool
        /// Names below the data directory to be copied as well.
        var extras: [String]
    }

    let target: Target
    let manifest: Manifest
    /// Live rows, for the report.
    let rows: Int
    let directory: DataDirectory
    let cancellation: MaintenanceCancellation

    func run() throws(StoreError) -> BackupReport {
        try directory.refuseInside(target.path)
        var copier = FileCopier(fileSystem: directory.fileSystem, links: !target.copies)
        let copy = DataDirectory(path: target.path, fileSystem: directory.fileSystem)
        try copier.makeEmptyDirectory(target.path)
        try copy.makeSegmentDirectories()
        for segment in manifest.segments {
            var files = [(segment.dataName, segment.crc), (segment.indexName, segment.indexCRC)]
            if let dead = segment.dead { files.append((dead.file, dead.crc)) }
            for (name, crc) in files {
                try cancellation.check()
                let folders = (directory.path(of: segment.family), copy.path(of: segment.family))
                try copier.copy(folders.0 + "/" + name, to: folders.1 + "/" + name, crc: crc)
            }
        }
        if let state = manifest.state {
            try copier.copy(directory.statePath + "/" + state.name, to: copy.statePath + "/" + state.name, crc: state.crc)
        }
        for name in target.extras { try copier.copyTree(directory.path + "/" + name, to: target.path + "/" + name) }
        try copy.syncSegmentDirectories(Set(Family.allCases))
        try storing { () throws(FileError) in try directory.fileSystem.syncDirectory(copy.statePath) }
        var listed = manifest.withNewHistory
        listed.logFiles = []
        // FORMAT and the manifest come last: a copy that was cut short is no data directory.
        try copy.create(listed)
        var report = BackupReport(path: target.path)
        report.files = copier.files + 2
        // As `verify` counts them.
        report.bytes = copier.bytes + DataDirectory.formatText.utf8.count + listed.encoded().count
        report.isLinked = copier.hasLinked
        report.rows = rows
        report.lastLSN = manifest.firstLSN - 1
        return report
    }
}

/// Copies files, by second names where that is wanted and possible; what is copied is synced and read back.
struct FileCopier {
    let fileSystem: any FileSystem
    /// Whether a second name does. Off after the first refusal of the file system.
    var links: Bool
    private(set) var hasLinked = false
    private(set) var files = 0
    private(set) var bytes = 0
    /// The directory that the copy is made in: it is never copied into itself.
    private var made: FileStatus?

    private static let pieceLength = 1 << 20

    init(fileSystem: any FileSystem, links: Bool) {
        self.fileSystem = fileSystem
        self.links = links
    }

    /// Makes a directory whose parent exists; one that is there must be empty.
    mutating func makeEmptyDirectory(_ path: String) throws(StoreError) {
        let names = try storing { () throws(FileError) -> [String]? in try fileSystem.status(path) == nil ? nil : try fileSystem.list(path) }
        if let first = names?.first {
            throw StoreError(.cannotCreate, "\(path) is not empty (it holds \(first)); name a directory that does not exist yet")
        }
        if names == nil { try makeDirectory(path) }
        if made == nil { made = try storing { () throws(FileError) in try fileSystem.status(path) } }
    }

    private func makeDirectory(_ path: String) throws(StoreError) {
        do throws(FileError) {
            try fileSystem.makeDirectory(path)
        } catch {
            if error.code == FileError.notFound {
                let parent = PosixFileSystem.parent(of: path)
                throw StoreError(.cannotCreate, "\(parent) does not exist, in which \(path) is to be made; make it first: mkdir -p \(parent)")
            }
            throw StoreError(error.isPermission ? .permission : .cannotCreate, "cannot make \(path): \(error)")
        }
        // The name of a copy is as important as its content.
        try storing { () throws(FileError) in try fileSystem.syncDirectory(PosixFileSystem.parent(of: path)) }
    }

    /// One file.
    ///
    /// - Parameter expected: What the manifest says of its bytes; nil when it says nothing.
    /// - Throws: `.corrupt` when the bytes that were copied are not those, or cannot be read back.
    mutating func copy(_ from: String, to: String, crc expected: UInt32? = nil) throws(StoreError) {
        files += 1
        if links {
            do throws(FileError) {
                try fileSystem.link(from, to: to)
                bytes += try fileSystem.status(to)?.size ?? 0
                hasLinked = true
                return
            } catch {
                // Another disk, or a file system without second names.
                guard error.operation == "link", error.code != FileError.notFound else { throw StoreError(error) }
                links = false
            }
        }
        let crc = try copyBytes(from, to)
        if let expected, crc != expected {
            throw .corrupt(from, offset: 0, "the file is not as it was written; `kasparro verify --deep` says where. The copy is not complete")
        }
        guard try Self.checksum(of: to, fileSystem) == crc else {
            throw .corrupt(to, offset: 0, "the copy cannot be read back as it was written; check the disk")
        }
    }

    /// A file, or a directory with the files in it.
    mutating func copyTree(_ from: String, to: String) throws(StoreError) {
        guard let status = try storing({ () throws(FileError) in try fileSystem.status(from) }), !status.isSame(as: made) else { return }
        switch status.kind {
        case .file:
            // A secret is not given a second name.
            let wasLinking = links
            links = false
            defer { links = wasLinking }
            try copy(from, to: to)
        case .directory:
            try makeEmptyDirectory(to)
            let names = try storing { () throws(FileError) in try fileSystem.list(from) }
            for name in names { try copyTree(from + "/" + name, to: to + "/" + name) }
            try storing { () throws(FileError) in try fileSystem.syncDirectory(to) }
        case .symbolicLink, .other: break
        }
    }

    private mutating func copyBytes(_ from: String, _ to: String) throws(StoreError) -> UInt32 {
        let source = try storing { () throws(FileError) in try fileSystem.open(from, .read) }
        let target = try storing { () throws(FileError) in try fileSystem.open(to, .createNewPrivate) }
        var offset = 0
        var sum: UInt32 = 0
        while true {
            let piece = try source.bytes(at: offset, count: Self.pieceLength)
            if piece.isEmpty { break }
            sum = piece.withUnsafeBytes { crc32($0, seed: sum) }
            let start = offset
            try storing { () throws(FileError) in try target.write(all: piece, at: start) }
            offset += piece.count
        }
        try storing { () throws(FileError) in try target.sync() }
        target.dropCache()
        bytes += offset
        return sum
    }

    /// CRC of a whole file.
    static func checksum(of path: String, _ fileSystem: any FileSystem) throws(StoreError) -> UInt32 {
        let file = try storing { () throws(FileError) in try fileSystem.open(path, .read) }
        var offset = 0
        var sum: UInt32 = 0
        while true {
            let piece = try file.bytes(at: offset, count: pieceLength)
            if piece.isEmpty { return sum }
            sum = piece.withUnsafeBytes { crc32($0, seed: sum) }
            offset += piece.count
        }
    }
}
