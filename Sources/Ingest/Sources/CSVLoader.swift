import MarketData
import TickerStore

/// Loads the files of a `csv` source, in name order, in constant memory (spec section 2).
struct CSVLoader {
    /// After this many bad records in one run something is wrong with the source, not with its records (spec section 5).
    static let maximumBadRecords = 100_000

    let name: String
    let source: CSVSource
    let run: ActiveRun
    let memory: FileMemory

    private var builder: BatchBuilder
    private var draft: RowDraft
    private var badRecords = 0
    /// Whether any file had something to give.
    private(set) var outcome = SourceOutcome.nothing

    init(name: String, source: CSVSource, run: ActiveRun, memory: FileMemory) {
        self.name = name
        self.source = source
        self.run = run
        self.memory = memory
        builder = BatchBuilder(source: name)
        draft = RowDraft(now: Timestamp(milliseconds: run.environment.now().wall))
    }

    mutating func load() {
        for path in files() where !run.mustStop && badRecords < Self.maximumBadRecords {
            do {
                try load(path)
            } catch let failure as CSVHeader.Failure {
                fail(.schema, path, failure.description)
            } catch let failure as GzipInflater.Failure {
                fail(.parse, path, failure.reason)
            } catch let failure as FileError {
                fail(.data, path, failure.description)
            } catch {
                fail(.data, path, "\(error)")
            }
        }
    }

    private mutating func fail(_ type: RunRecord.ErrorType, _ path: String, _ message: String) {
        run.report(type, source: name, "\(path): \(message)")
        if outcome == .nothing { outcome = .failed }
    }

    /// The files to read, by name; what is refused is named in the run's errors.
    private mutating func files() -> [String] {
        let disk = run.environment.fileSystem
        var paths = source.extraFiles
        do throws(FileError) {
            guard try disk.status(source.inbox) != nil else { return paths }
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
        let file = try InboxFile(path, fileSystem: run.environment.fileSystem)
        let status = try file.file.status()
        guard status.kind == .file else { throw FileError("open", path, FileError.permission) }
        if let known = memory.fingerprint(of: path), known.matches(status, mapping: source.mappingVersion) {
            run.update { $0.remembered += known.records }
            return
        }
        let reader = CSVReader { try file.read(into: $0) }
        let header = try CSVHeader.read(from: reader)
        let mapping = ColumnMapping(header: header.names, declared: source.declared)
        let unmapped = mapping.unmapped(of: header.names.count).map { String(decoding: header.names[$0], as: UTF8.self) }
        run.noteUnmapped(unmapped.filter { !$0.isEmpty }, source: name)
        if !mapping.missing.isEmpty {
            let missing = mapping.missing.map(\.rawValue).joined(separator: ", ")
            run.report(.schema, source: name, "\(path): no column gives \(missing); the header is: \(unmapped.joined(separator: ", "))")
            if outcome == .nothing { outcome = .failed }
        }
        let table = CSVTable(path: path, reader: reader, header: header, mapping: mapping)
        let records = try read(table)
        guard !run.mustStop, badRecords < Self.maximumBadRecords else { return flush() }
        try finish(file, table: table, status: status, records: records)
    }

    /// Reads records until the end; gives their number.
    private mutating func read(_ table: CSVTable) throws -> Int {
        var records = 0
        while !run.mustStop {
            do {
                guard try table.reader.next() else { break }
                // The last line may still be being written; `finish` decides.
                if !table.reader.terminated { break }
                add(table)
            } catch let failure as CSVReader.Failure {
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
                outcome = .failed
                break
            }
            if builder.isFull(adding: 0, rows: BatchBuilder.usualRows) { flush() }
        }
        return records
    }

    /// Takes an unterminated last line when the file stands still, and remembers a file that was read to its end.
    private mutating func finish(_ file: InboxFile, table: CSVTable, status: FileStatus, records: Int) throws {
        var records = records
        let hasOpenLine = table.reader.fieldCount > 0 && !table.reader.terminated && table.reader.recordEnd > table.reader.recordStart
        if hasOpenLine {
            run.environment.pause(milliseconds: 1_000, run.cancellation)
            let now = try file.file.status()
            if now.size != status.size || now.modified != status.modified || !isWhole(table) {
                run.report(
                    .data,
                    source: name,
                    "\(table.path): incomplete_last_line: line \(table.reader.line) has no line end and the file is still changing; it is taken next time"
                )
                return flush()
            }
            add(table)
            records += 1
        }
        // A file that changed while it was read is read again next time.
        let after = try file.file.status()
        guard FileFingerprint(status, mapping: "", records: 0) == FileFingerprint(after, mapping: "", records: 0) else { return flush() }
        let fingerprint = FileFingerprint(status, mapping: source.mappingVersion, records: records)
        flush(remembering: fingerprint, of: table.path)
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
        outcome = .loaded
        builder.append(draft) { table.appendRaw(to: &$0) }
    }

    private mutating func reject(_ reason: String, content: [UInt8], _ table: CSVTable) {
        badRecords += 1
        builder.quarantine(content, reasons: [reason], place: table.path, position: table.reader.line)
    }

    private mutating func flush(remembering fingerprint: FileFingerprint? = nil, of path: String = "") {
        guard !builder.isEmpty || fingerprint != nil else { return }
        let fetchedAt = Timestamp(milliseconds: run.environment.now().wall)
        guard let fingerprint else { return run.submit(&builder, source: name, fetchedAt: fetchedAt) }
        run.submit(
            &builder,
            source: name,
            fetchedAt: fetchedAt,
            changes: [StateChange(key: FileMemory.key(path), value: fingerprint.encoded())],
            committed: { [memory] in memory.remember(fingerprint, of: path) }
        )
    }
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
