import MarketData
import TickerStore

/// Loads the files of a `csv` source, in name order, in constant memory (spec section 2).
struct CSVLoader {
    /// After this many bad records in one run something is wrong with the source, not with its records (spec section 5).
    static let maximumBadRecords = 100_000
    /// All names of a header together; each row's raw record repeats them.
    private static let maximumHeaderBytes = 64 << 10
    /// What the raw record of one row may take: the longest record and the names, each byte escaped.
    private static let largestRawRecord = 6 * ((1 << 20) + maximumHeaderBytes)

    let name: String
    let source: CSVSource
    let run: ActiveRun
    let memory: FileMemory

    private var builder: BatchBuilder
    private var draft: RowDraft
    private var badRecords = 0
    /// Rows that the file being read has given so far, those that are too old among them.
    private var rows = 0
    /// Records that it has given so far.
    private var records = 0
    /// Whether an earlier run found it with the same size and time: a last line that is no row will not become one.
    private var hasStoodStill = false
    /// Whether any file had something to give.
    private(set) var outcome = SourceOutcome.nothing

    init(name: String, source: CSVSource, run: ActiveRun, memory: FileMemory) {
        self.name = name
        self.source = source
        self.run = run
        self.memory = memory
        builder = BatchBuilder(source: name)
        draft = RowDraft(
            now: Timestamp(milliseconds: run.environment.now().wall),
            format: source.format,
            retainMilliseconds: run.environment.retainRowsMilliseconds
        )
    }

    mutating func load() {
        for path in files() where !run.mustStop && badRecords < Self.maximumBadRecords {
            do {
                try load(path)
            } catch let failure as CSVHeader.Failure {
                fail(.schema, path, failure.description)
            } catch let failure as GzipInflater.Failure {
                fail(.parse, path, failure.reason)
            } catch is Interrupted {
                // The run says so itself.
            } catch let failure as FileError {
                fail(.data, path, failure.description)
            } catch {
                fail(.data, path, "\(error)")
            }
        }
    }

    private mutating func fail(_ type: RunRecord.ErrorType, _ path: String, _ message: String) {
        run.report(type, source: name, "\(path): \(message)")
        outcome.join(.failed)
    }

    /// The files to read, by name; what is refused is named in the run's errors.
    private mutating func files() -> [String] {
        let disk = run.environment.fileSystem
        var paths = source.extraFiles
        do throws(FileError) {
            guard try disk.status(source.inbox) != nil else {
                fail(.data, source.inbox, "the inbox is missing; make the directory, or restart, which makes it")
                return paths
            }
            for file in try disk.list(source.inbox) where !file.hasPrefix(".") && (file.hasSuffix(".csv") || file.hasSuffix(".csv.gz")) {
                let path = source.inbox + "/" + file
                switch try disk.status(path)?.kind {
                case .file: paths.append(path)
                case .symbolicLink: run.report(.data, source: name, "\(path) is a symbolic link and is not followed; copy the file into the inbox")
                case .directory, .other: run.report(.data, source: name, "\(path) is not a file")
                case nil: break
                }
            }
        } catch {
            fail(.data, source.inbox, error.description)
        }
        return paths
    }

    private mutating func load(_ path: String) throws {
        let known = memory.progress(of: path)
        let disk = run.environment.fileSystem
        if let known, let status = try disk.status(path), known.isUnchanged(status, mapping: source.mappingVersion) {
            remember(known, path)
            return
        }
        let (file, start) = try reopen(path, known)
        if let start, start.isComplete {
            if start.hashedBytes == file.status.size {
                remember(start, path)
                return touch(file, start)
            }
            run.remember(start.records, of: path)
        }
        var table = try open(file)
        if let start {
            try file.seek(to: start.offset)
            table.reader = CSVReader(separator: table.reader.separator, startOffset: start.offset, startLine: start.line, read: reading(file))
        }
        rows = start?.rows ?? 0
        records = start?.records ?? 0
        hasStoodStill = known.map { $0.file.size == file.status.size && $0.file.modified == file.status.modified } ?? false
        do {
            let end = try read(file, table)
            guard !run.mustStop, badRecords < Self.maximumBadRecords else { return flush(file, table) }
            try finish(file, table, end)
        } catch {
            // What was read before the damage is good.
            flush(file, table)
            throw error
        }
    }

    /// Opens a file; with it the place to go on at, when it still begins with the bytes that were read before.
    private func reopen(_ path: String, _ known: FileProgress?) throws -> (InboxFile, FileProgress?) {
        let disk = run.environment.fileSystem
        let file = try InboxFile(path, fileSystem: disk)
        guard let known, known.mapping == source.mappingVersion else { return (file, nil) }
        if try file.begins(as: known, isCancelled: { run.mustStop }) { return (file, known) }
        // Other bytes were hashed than those that will be read: begin anew.
        return (try InboxFile(path, fileSystem: disk), nil)
    }

    /// Reading that ends when the run does; one record may take long to come, or never.
    private func reading(_ file: InboxFile) -> (UnsafeMutableRawBufferPointer) throws -> Int {
        { [run] buffer in
            if run.isCancelled { throw Interrupted() }
            return try file.read(into: buffer)
        }
    }

    /// Reads the header and says what is wrong with it.
    private mutating func open(_ file: InboxFile) throws -> CSVTable {
        try file.seek(to: 0)
        let reader = CSVReader(read: reading(file))
        let header = try CSVHeader.read(from: reader)
        let headerBytes = header.names.reduce(0) { $0 + $1.count }
        guard headerBytes <= Self.maximumHeaderBytes else { throw HeaderTooLong(bytes: headerBytes, limit: Self.maximumHeaderBytes) }
        let mapping = ColumnMapping(header: header.names, declared: source.declared)
        let unmapped = mapping.unmapped(of: header.names.count).map { String(decoding: header.names[$0], as: UTF8.self) }
        run.noteUnmapped(unmapped.filter { !$0.isEmpty }, source: name)
        if !mapping.missing.isEmpty {
            let missing = mapping.missing.map(\.rawValue).joined(separator: ", ")
            run.report(.schema, source: name, "\(file.path): no column gives \(missing); the other columns are: \(unmapped.joined(separator: ", "))")
            outcome.join(.failed)
        }
        return CSVTable(path: file.path, reader: reader, header: header, mapping: mapping)
    }

    /// The same bytes under another time or inode: the file is known as it is now.
    private mutating func touch(_ file: InboxFile, _ known: FileProgress) {
        var progress = known
        progress.file = file.status
        submit(progress, of: file.path)
    }

    /// Reads records until the end; says how that looks.
    private mutating func read(_ file: InboxFile, _ table: CSVTable) throws -> FileEnd {
        // Asking takes a lock, so not for each record.
        while records & 0xFF != 0 || !run.mustStop {
            do {
                guard try table.reader.next() else { return .closed }
                // The last line may still be being written; `finish` decides.
                if !table.reader.terminated { return .openLine }
                add(table)
            } catch let failure as CSVReader.Failure {
                // An open quote at the end may be a line that is still being written.
                if case .unterminatedQuote = failure, !hasStoodStill { return .openQuote }
                // The reader then stands on that line, as far as it fits.
                try table.reader.skipToNextLine()
                reject(failure.reason, content: table.reader.withRecord { $0.bytes }, table)
            }
            records += 1
            if badRecords >= Self.maximumBadRecords {
                run.report(
                    .data,
                    source: name,
                    "\(table.path): too_many_bad_records: \(badRecords) records of this run are in quarantine; see /runs/\(run.runID)"
                )
                outcome.join(.failed)
                break
            }
            if builder.isFull(adding: Self.largestRawRecord, rows: BatchBuilder.usualRows) { flush(file, table) }
        }
        return .closed
    }

    /// Takes an unterminated last line when the file stands still, and remembers a file that was read to its end.
    private mutating func finish(_ file: InboxFile, _ table: CSVTable, _ end: FileEnd) throws {
        let reader = table.reader
        if end != .closed {
            run.environment.pause(milliseconds: 1_000, run.cancellation)
            let now = try file.file.status()
            guard now.size == file.status.size, now.modified == file.status.modified, hasStoodStill || (end == .openLine && isWhole(table)) else {
                run.report(
                    .data,
                    source: name,
                    "\(table.path): incomplete_last_line: line \(reader.line) has no line end and is not whole, or the file still changes; it is taken next time"
                )
                return submit(progress(file, table, isComplete: false), of: table.path)
            }
            add(table)
            records += 1
        }
        // A file that changed while it was read is read on next time.
        let isStill = try file.file.status() == file.status
        let progress = progress(file, table, isComplete: isStill)
        submit(progress, of: table.path)
        judge(progress, table.path)
    }

    /// How far the file has been read: behind the record the reader stands on, or before it when it has no line end and may get longer.
    private func progress(_ file: InboxFile, _ table: CSVTable, isComplete: Bool) -> FileProgress {
        let reader = table.reader
        return FileProgress(
            file: file.status,
            mapping: source.mappingVersion,
            offset: reader.terminated ? reader.recordEnd : reader.recordStart,
            line: reader.terminated ? reader.nextLine : reader.line,
            records: records,
            rows: rows,
            digest: file.digest,
            hashedBytes: file.hashedBytes,
            isComplete: isComplete
        )
    }

    /// Counts a file that was read to its end before and is still the same.
    private mutating func remember(_ progress: FileProgress, _ path: String) {
        run.remember(progress.records, of: path)
        judge(progress, path)
    }

    /// A file of records of which none became a row is a failure, also when nothing about it has changed.
    private mutating func judge(_ progress: FileProgress, _ path: String) {
        if progress.records > 0, progress.rows == 0 {
            fail(.data, path, "none of its \(progress.records) records could become a row; they are in quarantine")
        } else {
            outcome.join(.loaded)
        }
    }

    /// Whether the record would become a row.
    private mutating func isWhole(_ table: CSVTable) -> Bool {
        guard table.isRegular else { return false }
        table.fill(&draft)
        return draft.finish()
    }

    /// Adds the reader's record to the batch, as a row or to the quarantine.
    private mutating func add(_ table: CSVTable) {
        guard table.isRegular else { return reject("ragged_row", content: table.reader.withRecord { $0.bytes }, table) }
        guard table.mapping.missing.isEmpty else { return reject("unmapped_required", content: table.reader.withRecord { $0.bytes }, table) }
        table.fill(&draft)
        guard draft.finish() else {
            badRecords += 1
            builder.quarantine(table.reader.withRecord { $0.bytes }, reasons: draft.reasons, place: table.path, position: table.reader.line)
            return
        }
        rows += 1
        if draft.isTooOld { return builder.skipTooOld() }
        builder.append(draft) { table.appendRaw(to: &$0) }
    }

    private mutating func reject(_ reason: String, content: [UInt8], _ table: CSVTable) {
        badRecords += 1
        builder.quarantine(content, reasons: [reason], place: table.path, position: table.reader.line)
    }

    /// Submits what is built, with the place behind it.
    private mutating func flush(_ file: InboxFile, _ table: CSVTable) {
        if !builder.isEmpty { submit(progress(file, table, isComplete: false), of: table.path) }
    }

    private mutating func submit(_ progress: FileProgress, of path: String) {
        run.submit(
            &builder,
            source: name,
            fetchedAt: Timestamp(milliseconds: run.environment.now().wall),
            changes: [FileMemory.change(progress, of: path)],
            committed: { [memory] in memory.remember(progress, of: path) }
        )
    }
}

/// How a file ends.
private enum FileEnd {
    /// Behind a line end.
    case closed
    /// In a line without one.
    case openLine
    /// In a quoted field.
    case openQuote
}

/// The run is to end.
private struct Interrupted: Error {}

/// A header that no table has; most often the file is something else.
private struct HeaderTooLong: Error, CustomStringConvertible {
    var bytes: Int
    var limit: Int

    var description: String { "the header has \(bytes) bytes, at most \(limit) are taken; is this a CSV file?" }
}

extension CSVReader.Failure {
    /// The quarantine's reason.
    fileprivate var reason: String {
        switch self {
        case .recordTooLong: "record_too_long"
        case .unterminatedQuote: "unterminated_quote"
        }
    }
}

extension CSVSource {
    /// Changes when the same file would be read otherwise.
    var mappingVersion: String {
        "1:" + declared.map { "\($0.key)=\($0.value.rawValue)" }.sorted().joined(separator: ",")
    }
}

extension Span<UInt8> {
    /// A copy.
    var bytes: [UInt8] { withUnsafeBufferPointer { Array($0) } }
}
