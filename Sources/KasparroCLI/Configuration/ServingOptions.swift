import ArgumentParser

/// Options of the server alone.
struct ServingOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Where to listen; port 0 takes a free one. (default: 127.0.0.1:8080, or PORT)", valueName: "addr:port"))
    var listen: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A file with the bearer token for POST routes. (default: <data-dir>/token, made when missing)", valueName: "file")
    )
    var tokenFile: String?

    @Flag(name: .long, help: "Do not load the sources at start.")
    var noSchedule = false
}
