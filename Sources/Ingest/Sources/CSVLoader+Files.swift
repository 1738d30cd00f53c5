import MarketData
import TickerStore

extension CSVLoader {
    /// Loads a file, or says why not.
    mutating func load(_ file: CSVFile, _ symbol: TextPattern?) {
        do {
            if let symbol, source.format.constants[.symbol] == nil {
                guard let text = symbol.value(in: file.name) else { throw NoSymbol(pattern: source.symbolPattern ?? "") }
                draft.fix(.symbol, Array(text.utf8))
            }
            try load(file)
        } catch CSVHeader.Failure.missing {
            // Nothing but comments: there is nothing to do yet.
        } catch is OpenHeader {
            if firstLook == nil {
                run.report(.data, source: name, "\(file.path): incomplete_last_line: the header has no line end; it is taken when it has one")
            }
        } catch let failure as CSVHeader.Failure {
            fail(.schema, file.path, failure.description)
        } catch let failure as NoSymbol {
            fail(.schema, file.path, failure.description)
        } catch let failure as TextForm.Failure {
            fail(.parse, file.path, failure.description)
        } catch let failure as GzipReader.Failure {
            fail(.parse, file.path, failure.reason)
        } catch is Interrupted {
            // The run says so itself.
        } catch let failure as FileError {
            fail(.data, file.path, failure.description)
        } catch {
            fail(.data, file.path, "\(error)")
        }
    }
}
