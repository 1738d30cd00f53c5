import Glibc
import Ingest
import MarketData
import Synchronization

/// The rows of an import's files one after the other, each checked before it goes anywhere. Used by one thread at a time; it blocks.
final class ImportFiles: @unchecked Sendable {
    // The closures of `ImportText` are not Sendable; whoever has an `ImportFiles` uses it from one task.
    struct Options: Sendable {
        var format: ImportText.Format?
        var formulas = TickerTable.Formulas.escaped
        /// Whether an export without its end is taken as it is.
        var allowsPartial = false
    }

    private var waiting: ArraySlice<String>
    private let options: Options
    private var text: ImportText?
    private var name = ""
    private var descriptor: Int32 = -1

    /// - Parameter paths: `-` is standard input.
    init(_ paths: [String], _ options: Options) {
        waiting = paths[...]
        self.options = options
    }

    deinit { closeFile() }

    /// Finds the files that cannot be read, before anything is done for those that can.
    func check() throws(CommandFailure) {
        for path in waiting where path != "-" {
            var information = stat()
            // Not opened: a pipe can be opened once only.
            var code = stat(path, &information) == 0 && access(path, R_OK) == 0 ? 0 : errno
            if code == 0, information.st_mode & S_IFMT == S_IFDIR { code = EISDIR }
            if code != 0 { throw Self.unreadable(path, code) }
        }
    }

    private static func unreadable(_ path: String, _ code: Int32) -> CommandFailure {
        CommandFailure(code == EACCES ? .permission : .failure, "cannot read \(path): \(String(cString: strerror(code)))")
    }

    /// Where the row stood that was given last.
    var place: String { "\(name): line \(text?.line ?? 0)" }

    /// The next row as a JSON line; nil behind the last file.
    func next() throws(CommandFailure) -> [UInt8]? {
        while true {
            if text == nil {
                guard let path = waiting.popFirst() else { return nil }
                try openFile(path)
            }
            do {
                if let line = try text?.next() { return line }
            } catch let failure as ImportText.Failure {
                throw CommandFailure(.corruptData, "\(name): \(failure)")
            } catch let problem as ImportProblem {
                throw CommandFailure(.corruptData, "\(name): \(problem)")
            } catch let failure as CommandFailure {
                throw failure
            } catch {
                throw CommandFailure(.failure, "\(name): \(error)")
            }
            let missing = text?.missing
            text = nil
            closeFile()
            guard let missing else { continue }
            let what = "\(name): the export was cut: \(missing)"
            guard options.allowsPartial else {
                throw CommandFailure(.corruptData, what + ". With --allow-partial its whole lines are taken as they are")
            }
            writeError("kasparro: \(what); its whole lines are taken as they are")
        }
    }

    private func openFile(_ path: String) throws(CommandFailure) {
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { throw Self.unreadable(path, errno) }
        let (descriptor, name) = (descriptor, name)
        text = ImportText(format: options.format, formulas: options.formulas) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                if count >= 0 { return count }
                if errno != EINTR { throw CommandFailure(.failure, "cannot read \(name): \(String(cString: strerror(errno)))") }
            }
        }
    }

    private func closeFile() {
        if descriptor > STDIN_FILENO { close(descriptor) }
        descriptor = -1
    }
}
