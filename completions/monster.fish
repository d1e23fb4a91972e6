# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_monster_global_optspecs
    string join \n json q/quiet v/verbose no-color offline no-fallback model= account= effort= effort-strict max-cost= wait= no-wait secrets= show-prompt no-store h/help V/version
end

function __fish_monster_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_monster_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_monster_using_subcommand
    set -l cmd (__fish_monster_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c monster -n "__fish_monster_needs_command" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_needs_command" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_needs_command" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_needs_command" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_needs_command" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_needs_command" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_needs_command" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_needs_command" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_needs_command" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_needs_command" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_needs_command" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_needs_command" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_needs_command" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_needs_command" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_needs_command" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_needs_command" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_needs_command" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_needs_command" -s V -l version -d 'Print version'
complete -c monster -n "__fish_monster_needs_command" -f -a "commit" -d 'Write the message for the staged change, show it, and commit with git'
complete -c monster -n "__fish_monster_needs_command" -f -a "review" -d 'Review a change: staged if anything is staged, else the working tree; or a revision, a range, a patch'
complete -c monster -n "__fish_monster_needs_command" -f -a "ask" -d 'Ask a model; with --dialectic, several models of different makers, and another that reconciles their answers'
complete -c monster -n "__fish_monster_needs_command" -f -a "redact" -d 'Print a text with its secrets masked, or find secrets in files and changes'
complete -c monster -n "__fish_monster_needs_command" -f -a "hook" -d 'Install, remove, show and run git\'s hooks: messages are drafted, judged, secrets and pushes looked through'
complete -c monster -n "__fish_monster_needs_command" -f -a "login" -d 'Sign in, or store an API key, in the sealed accounts file'
complete -c monster -n "__fish_monster_needs_command" -f -a "logout" -d 'Give a sign-in back where the provider takes it, and forget the account'
complete -c monster -n "__fish_monster_needs_command" -f -a "accounts" -d 'List, test and manage accounts'
complete -c monster -n "__fish_monster_needs_command" -f -a "models" -d 'List models, or fetch newer prices'
complete -c monster -n "__fish_monster_needs_command" -f -a "history" -d 'Show, repeat, compare, export and forget the calls of the past'
complete -c monster -n "__fish_monster_needs_command" -f -a "cost" -d 'Show what was spent: today and by model, unless said otherwise; with --account and --model only by these'
complete -c monster -n "__fish_monster_needs_command" -f -a "quota" -d 'Show what is left of each account, until when, and what can be used next'
complete -c monster -n "__fish_monster_needs_command" -f -a "route" -d 'Say which models and accounts requests would go to'
complete -c monster -n "__fish_monster_needs_command" -f -a "serve" -d 'Serve editors and agents: the same accounts, failover, redaction and cost, behind one address'
complete -c monster -n "__fish_monster_needs_command" -f -a "setup" -d 'Point editors and agents to monster serve: show what would be changed in their settings, change it, take it back'
complete -c monster -n "__fish_monster_needs_command" -f -a "config" -d 'Show and change settings'
complete -c monster -n "__fish_monster_needs_command" -f -a "doctor" -d 'Look at settings, store, accounts, keychain, hook, models, servers, proxy and clock, and say what is wrong'
complete -c monster -n "__fish_monster_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c monster -n "__fish_monster_needs_command" -f -a "man" -d 'Write the manual pages into a folder'
complete -c monster -n "__fish_monster_using_subcommand commit" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -s n -l candidates -d 'How many messages to choose from, 1 to 5' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -s t -l type -d 'Fix the type (feat, fix, docs, …)' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -s s -l scope -d 'Fix the scope' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -l style -d 'How subjects look; auto learns it from history' -r -f -a "auto\t''
conventional\t''
plain\t''
gitmoji\t''
subsystem\t''"
complete -c monster -n "__fish_monster_using_subcommand commit" -l lang -d 'The language of the message, for example German' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -s i -l intent -d 'What the change is for, in your words' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -l body -d 'Whether a body is written' -r -f -a "auto\t''
always\t''
never\t''"
complete -c monster -n "__fish_monster_using_subcommand commit" -l issue -d 'The issue that the change is about: its key, such as ABC-7 or 12; auto takes the branch\'s where history has a place for keys' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -l commitlint-json -d 'What "commitlint --print-config json" printed, for a configuration that is a program' -r -F
complete -c monster -n "__fish_monster_using_subcommand commit" -l max-bytes -d 'Most bytes of the change that are sent to a model' -r
complete -c monster -n "__fish_monster_using_subcommand commit" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand commit" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand commit" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand commit" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand commit" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand commit" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand commit" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand commit" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand commit" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand commit" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand commit" -s a -l all -d 'Stage all changes of tracked files first, as git commit -a'
complete -c monster -n "__fish_monster_using_subcommand commit" -s p -l patch -d 'Pick what is staged first, with git add -p'
complete -c monster -n "__fish_monster_using_subcommand commit" -l amend -d 'Rewrite the last commit, with what is staged added to it'
complete -c monster -n "__fish_monster_using_subcommand commit" -l retry -d 'Commit the message that git or a hook refused last, if it is still for the same change. Nobody is asked again, no model and no person: also without a terminal it is committed'
complete -c monster -n "__fish_monster_using_subcommand commit" -l split -d 'Propose a commit for each area of the change, as commands to run. Commits nothing and asks no model'
complete -c monster -n "__fish_monster_using_subcommand commit" -l dry-run -d 'Print the message and commit nothing'
complete -c monster -n "__fish_monster_using_subcommand commit" -s y -l yes -d 'Commit without asking'
complete -c monster -n "__fish_monster_using_subcommand commit" -s e -l edit -d 'Open the message in git\'s editor before committing'
complete -c monster -n "__fish_monster_using_subcommand commit" -l force -d 'Commit although conflict markers are staged'
complete -c monster -n "__fish_monster_using_subcommand commit" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l base -d 'Review everything since the branch left this one; auto = its upstream, else origin\'s default, else main' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l pr -d 'Review a pull request: as it was fetched (refs/pull/N), else as GitHub\'s program gh gives it' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l path -d 'Only files below this path, seen from where you stand; may be repeated. Of a patch: as they are called in it' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l fail-on -d 'End with 1 when a finding is at least this severe, shown or not: also one that --since-last or the limit of findings leaves out, but nothing accepted and no hint of a model that is not believed. never: whatever settings say' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l models -d 'The members, separated by commas: two, in a debate or council of ask up to five' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l synth -d 'Who has the last word: reconciles the answers, or decides about the findings' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l calibrate -d 'Measure whether this model\'s findings beat chance: small changes with and without a defect, up to 48 requests' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l format -d 'In which form; beside text they are for programs' -r -f -a "text\t'For people'
json\t'One object; its schema: monster review schema'
jsonl\t'One object a line: the review, then its findings'
sarif\t'SARIF 2.1.0, for code hosts and editors'
github\t'Annotations of GitHub Actions, and its step summary'
markdown\t'For a comment or a page'
patch\t'The suggestions as one patch for git apply'
codeclimate\t'Code Climate issues, as GitLab\'s code quality reports'"
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -s o -l output -d 'Write the form to this file, and show the text on standard output all the same; - for standard output alone' -r -F
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l baseline -d 'Leave out what this file accepts; written by: monster review baseline write' -r -F
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l apply -d 'Write the suggestion of this finding into the working tree, if that holds what was reviewed; may be repeated' -r
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l staged -d 'Review what is staged'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l worktree -d 'Review what is changed in the working tree and not staged'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l untracked -d 'Review the working tree with the files in it that git does not track, but for those it ignores'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l allow-incomplete -d 'An incomplete review is no failure'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l all -d 'Show every finding, however mild and however many'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l dialectic -d 'Two models of different makers review the change, a third decides about each finding'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l same-family -d 'Allow models of one maker'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l strict -d 'A single source, when the other members fail, is an error'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l since-last -d 'Show only what is new since the last review of the same, and what is fixed'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l no-cache -d 'Ask again what was asked before, and keep no answer for the next time'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l post -d 'Bring the pull request of --pr up to this review: one comment, and a remark at each line. Needs gh'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -l dry-run -d 'Ask and send nothing: say which files and requests there would be, and what they may cost. With --post, review and print what would be posted'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -a "baseline" -d 'Accept what a review finds now, so that later ones with --baseline tell only what is new'
complete -c monster -n "__fish_monster_using_subcommand review; and not __fish_seen_subcommand_from baseline schema" -a "schema" -d 'Print the JSON Schema of --format json and jsonl'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -f -a "write" -d 'Review, and write what was found into a baseline; what stands in it already keeps its reason and its day'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from baseline" -f -a "show" -d 'Show what a baseline holds'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand review; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand ask" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand ask" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand ask" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand ask" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand ask" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand ask" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand ask" -l with -d 'Material to answer from: a file (FILE:10-20 for lines of it, REV:FILE as a commit has it), a revision or range of this repository, or - for standard input. May be repeated' -r
complete -c monster -n "__fish_monster_using_subcommand ask" -l schema -d 'A JSON Schema that the answer must keep to; it is checked, and asked for once more when it does not' -r -F
complete -c monster -n "__fish_monster_using_subcommand ask" -l dialectic -d 'Several models of different makers answer in parallel, another reconciles: two, debate or council' -r -f -a "two\t''
debate\t''
council\t''"
complete -c monster -n "__fish_monster_using_subcommand ask" -l models -d 'The members, separated by commas: two, in a debate or council of ask up to five' -r
complete -c monster -n "__fish_monster_using_subcommand ask" -l synth -d 'Who has the last word: reconciles the answers, or decides about the findings' -r
complete -c monster -n "__fish_monster_using_subcommand ask" -l rounds -d 'Rounds in which members criticise each other and answer again, at most two; a debate has one by itself' -r
complete -c monster -n "__fish_monster_using_subcommand ask" -l show -d 'What to print: the reconciliation alone, the answers and then the reconciliation, or everything as it comes' -r -f -a "final\t'The reconciliation alone'
both\t'The answers that stand in the end, and the reconciliation'
all\t'Everything as it comes: first answers, criticism, new answers, reconciliation'"
complete -c monster -n "__fish_monster_using_subcommand ask" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand ask" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand ask" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand ask" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand ask" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand ask" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand ask" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand ask" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand ask" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand ask" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand ask" -l same-family -d 'Allow models of one maker'
complete -c monster -n "__fish_monster_using_subcommand ask" -l strict -d 'A single source, when the other members fail, is an error'
complete -c monster -n "__fish_monster_using_subcommand ask" -l debias -d 'Reconcile twice, with the seats swapped, and say what differs'
complete -c monster -n "__fish_monster_using_subcommand ask" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -a "scan" -d 'Find secrets in files, a change, the index, a commit, a range or a whole history'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -a "allow" -d 'Allow a value that is no secret, for yourself or in this repository'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -a "report" -d 'Show what was found in requests, and what became of it: masked, sent with a warning, or blocked'
complete -c monster -n "__fish_monster_using_subcommand redact; and not __fish_seen_subcommand_from scan allow report rules" -a "rules" -d 'List what is looked for and what happens to it'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l diff -d 'The added lines of a diff, from this file or from standard input' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l staged -d 'The added lines of what is staged'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l history -d 'Every version of every file in every commit, their names, and the messages of commits and tags'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l jsonl -d 'Read lines {"id","text"} from standard input and print a line for each finding: {"id","start","end","kind", "rule","confidence"}, offsets in bytes of the text'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l sarif -d 'As SARIF 2.1.0, for code hosts'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l strict -d 'Only what is nearly certain'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l pii -d 'Personal data too: mail addresses, telephone, card, bank account and social security numbers, and IP addresses of visitors; in a history also who made commits and tags'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l explain -d 'Say of each finding what found it, how sure that is, and what became of it; also of those that are allowed'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from scan" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l for -d 'For so many days, 1 to 3660; for ever otherwise' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l reason -d 'Why' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l remove -d 'Allow it no longer: a fingerprint, or six or more of its first digits' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l repo -d 'Write it into the repository\'s list, for everybody who works in it'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l list -d 'List what is allowed'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from allow" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l since -d 'Since a date, a time or an age such as 7d' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l csv -d 'Comma-separated values, for a spreadsheet'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from report" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand redact; and __fish_seen_subcommand_from rules" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -f -a "install" -d 'Install hooks in this repository, beside what stands there'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -f -a "uninstall" -d 'Remove what install put there, and put back what stood there before'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -f -a "status" -d 'Show whether hooks are installed and would run'
complete -c monster -n "__fish_monster_using_subcommand hook; and not __fish_seen_subcommand_from install uninstall status run" -f -a "run" -d 'What git runs; not for people'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l all -d 'All four'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l write -d 'Edit files of the work tree where hooks are kept there (husky, lefthook, pre-commit, core.hooksPath), and show what was done to them'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l global-hooks -d 'Install where core.hooksPath leads out of this repository, for every repository that it holds for'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l beside -d 'Stand in git\'s own folder although lefthook or pre-commit keeps the hooks'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from uninstall" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand hook; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand login" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand login" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand login" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand login" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand login" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand login" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand login" -l name -d 'A name for the account' -r
complete -c monster -n "__fish_monster_using_subcommand login" -l method -d 'How to sign in: key, browser, device, client, adc, az, profile, managed, federation. What there is depends on the provider' -r -f -a "key\t''
browser\t''
device\t''
client\t''
adc\t''
az\t''
profile\t''
managed\t''
federation\t''"
complete -c monster -n "__fish_monster_using_subcommand login" -l client-id -d 'The id of your own OAuth client, for the browser, device and client methods' -r
complete -c monster -n "__fish_monster_using_subcommand login" -l tenant -d 'The directory to sign in to, where there are several' -r
complete -c monster -n "__fish_monster_using_subcommand login" -l scope -d 'Ask for this scope instead of the usual ones; may be repeated' -r
complete -c monster -n "__fish_monster_using_subcommand login" -l store -d 'What opens the sealed file, when it is made now: auto, keychain, passphrase, keyfile, command, plaintext' -r -f -a "auto\t''
keychain\t''
passphrase\t''
keyfile\t''
command\t''
plaintext\t''"
complete -c monster -n "__fish_monster_using_subcommand login" -l keyfile -d 'The key file, for --store keyfile; made when it is not there' -r -F
complete -c monster -n "__fish_monster_using_subcommand login" -l command -d 'The program that prints the identity, for --store command; words separated by spaces' -r
complete -c monster -n "__fish_monster_using_subcommand login" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand login" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand login" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand login" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand login" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand login" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand login" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand login" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand login" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand login" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand login" -l experimental -d 'Offer also ways to sign in that were never tried against the real service'
complete -c monster -n "__fish_monster_using_subcommand login" -l stdin -d 'Read the key, or the client\'s secret, from standard input'
complete -c monster -n "__fish_monster_using_subcommand login" -l machine-bound -d 'For --store keyfile: a file beside the accounts that opens on this machine only. Weak: it helps against copies of the folder and nothing else'
complete -c monster -n "__fish_monster_using_subcommand login" -l no-check -d 'Store it without asking the provider whether it is good'
complete -c monster -n "__fish_monster_using_subcommand login" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand logout" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand logout" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand logout" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand logout" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand logout" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand logout" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand logout" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand logout" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand logout" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand logout" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand logout" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand logout" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand logout" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand logout" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand logout" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand logout" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand logout" -l keep-remote -d 'Forget it here, and leave it as it is at the provider'
complete -c monster -n "__fish_monster_using_subcommand logout" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "list" -d 'List accounts (the default)'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "test" -d 'Ask each provider whether its key is good'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "rename" -d 'Give an account another name'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "remove" -d 'Forget an account and its secret'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "enable" -d 'Use an account again'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "disable" -d 'Keep an account but do not use it'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "priority" -d 'Set which accounts are tried first; higher goes before lower'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "weight" -d 'Give an account a share of the requests, among accounts of the same upstream and priority'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "use" -d 'Try an account before the others of its upstream'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "wake" -d 'End the cool-downs of an account, or of all'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "slots" -d 'Show what opens the sealed file, add to it or take away'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "rekey" -d 'Give the accounts a new identity: whoever knew the old one opens nothing from then on'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "lock" -d 'Forget an unlocked identity that the kernel keeps (accounts.unlock_for)'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "export" -d 'Write accounts into a file that a passphrase opens'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "import" -d 'Take accounts from such a file, or from opencode-auth-monster'
complete -c monster -n "__fish_monster_using_subcommand accounts; and not __fish_seen_subcommand_from list test rename remove enable disable priority weight use wake slots rekey lock export import reveal" -f -a "reveal" -d 'Show an account\'s secret, on a terminal and after a question'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from enable" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l drain -d 'Take no new conversations, and let those that are bound to it go on until an hour after their last call'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from disable" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from priority" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from weight" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l for -d 'For this long: 30m, 2h, 1d; until-reset (the next known reset of its limits or end of a cool-down); until-changed, or always: until another one is used, or --off' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l off -d 'No longer'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from use" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from wake" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -f -a "list" -d 'Show what opens the sealed file (the default)'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -f -a "add" -d 'Let one more thing open it; the accounts stay as they are'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from slots" -f -a "remove" -d 'Take one away; the accounts stay as they are'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l command -d 'A program that prints a new identity, in the place of one that prints the old; words separated by spaces' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l accept-older -d 'Take an older file that was put back on purpose'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from rekey" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from lock" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l passphrase-file -d 'A private file that holds the passphrase' -r -F
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l passphrase-file -d 'A private file that holds the export\'s passphrase' -r -F
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l store -d 'What opens the sealed file, when it is made now: auto, keychain, passphrase, keyfile, command, plaintext' -r -f -a "auto\t''
keychain\t''
passphrase\t''
keyfile\t''
command\t''
plaintext\t''"
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l keyfile -d 'The key file, for --store keyfile; made when it is not there' -r -F
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l command -d 'The program that prints the identity, for --store command; words separated by spaces' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l machine-bound -d 'For --store keyfile: a file beside the accounts that opens on this machine only. Weak: it helps against copies of the folder and nothing else'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand accounts; and __fish_seen_subcommand_from reveal" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -f -a "list" -d 'List models (the default)'
complete -c monster -n "__fish_monster_using_subcommand models; and not __fish_seen_subcommand_from list update" -f -a "update" -d 'Fetch a newer list of models and prices'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l all -d 'Also models of providers that are not connected'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l from -d 'Fetch this list instead of the one in models.url' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l source -d 'Fetch from where its owner publishes it: models.dev or litellm' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l sha256 -d 'Take it only if its SHA-256 is this, in hex' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l accounts -d 'Ask only what the providers list to the connected accounts'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l check -d 'Show what would change, and keep nothing'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand models; and __fish_seen_subcommand_from update" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -f -a "list" -d 'List calls, newest first'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -f -a "show" -d 'Show what happened to a call, step by step'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -f -a "replay" -d 'Ask a kept request again, by the same model or another'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -f -a "diff" -d 'Compare two kept answers, with who gave them, for how much and how fast'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -f -a "export" -d 'Write calls, their attempts and steps as JSON'
complete -c monster -n "__fish_monster_using_subcommand history; and not __fish_seen_subcommand_from list show replay diff export purge" -f -a "purge" -d 'Forget kept prompts, answers and steps, for good'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -s n -l limit -d 'How many' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l since -d 'Begun since: a date, a time, or an age such as 7d or 12h' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l repo -d 'Only of this repository: a path, the name of its folder, or . for the one here' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l command -d 'Only of this command: commit, hook, review, ask, member, synthesis' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l failed -d 'Only calls that gave no answer: failed, cancelled or interrupted'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l content -d 'Also what was asked and answered, if that was kept; opens the accounts'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l swap -d 'In a dialectic, give this seat to that model and ask again only what depends on it' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l show -d 'What to print of it' -r -f -a "final\t'The reconciliation alone'
both\t'The answers that stand in the end, and the reconciliation'
all\t'Everything as it comes: first answers, criticism, new answers, reconciliation'"
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l dry-run -d 'Print what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l same-family -d 'Allow models of one maker'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l strict -d 'A single source, when the other members fail, is an error'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l words -d 'Mark words instead of lines'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l since -d 'Begun since: a date, a time, or an age such as 7d or 12h' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l repo -d 'Only of this repository: a path, the name of its folder, or . for the one here' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l command -d 'Only of this command: commit, hook, review, ask, member, synthesis' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l format -d 'One object a line, or one for all' -r -f -a "jsonl\t''
json\t''"
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l out -d 'Into this file, which only you can read, instead of standard output' -r -F
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l failed -d 'Only calls that gave no answer: failed, cancelled or interrupted'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l content -d 'Also what was asked and answered, where that was kept: in plain text. Opens the accounts'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l force -d 'Replace the file when it is there'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l before -d 'Calls before this date or time' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l older-than -d 'Calls older than this: 12h, 30d, 8w' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l all -d 'All calls'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l content-only -d 'Only prompts and answers; the steps stay'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l ledger -d 'The calls themselves too, with what they cost: sums of the past become smaller'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -s y -l yes -d 'Do not ask'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand history; and __fish_seen_subcommand_from purge" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand cost" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand cost" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand cost" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand cost" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand cost" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand cost" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand cost" -l by -d 'What sums are made by' -r -f -a "day\t''
model\t''
account\t''
repo\t''
branch\t''
commit\t''
command\t''"
complete -c monster -n "__fish_monster_using_subcommand cost" -l since -d 'Since when: today, 7d (seven days, today included), month (this one), or a day such as 2026-11-01' -r
complete -c monster -n "__fish_monster_using_subcommand cost" -l days -d 'Since this many days, today included' -r
complete -c monster -n "__fish_monster_using_subcommand cost" -l repo -d 'Only what was spent in this repository' -r
complete -c monster -n "__fish_monster_using_subcommand cost" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand cost" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand cost" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand cost" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand cost" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand cost" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand cost" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand cost" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand cost" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand cost" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand cost" -l csv -d 'Comma-separated values, for a spreadsheet'
complete -c monster -n "__fish_monster_using_subcommand cost" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand quota" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand quota" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand quota" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand quota" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand quota" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand quota" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand quota" -l fail-below -d 'End with 1 when less than this is left of anything whose whole is known' -r
complete -c monster -n "__fish_monster_using_subcommand quota" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand quota" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand quota" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand quota" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand quota" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand quota" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand quota" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand quota" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand quota" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand quota" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand quota" -l refresh -d 'Ask for balances again, however young the known ones are'
complete -c monster -n "__fish_monster_using_subcommand quota" -l watch -d 'Go on showing it as it changes, until Ctrl-C; nobody is asked, but every ten minutes with --refresh'
complete -c monster -n "__fish_monster_using_subcommand quota" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand route; and not __fish_seen_subcommand_from explain" -f -a "explain" -d 'Say what would be chosen now for a model, in order, with price, and what would be skipped and why. Nothing is sent'
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l tokens -d 'Size of the prompt' -r
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand route; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l listen -d 'Where to listen, in the place of `serve.listen`: 127.0.0.1:7766, unix:PATH; may be given several times' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l no-auth -d 'Ask callers at addresses of this machine for no key'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -l plain -d 'Serve addresses beyond this machine without TLS: whoever is on the way reads keys, prompts and answers'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -f -a "run" -d 'Serve until it is stopped (the default)'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -f -a "logs" -d 'Show what was asked, request by request'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -f -a "key" -d 'Make, list, change and remove the keys that callers need'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -f -a "env" -d 'Print the variables by which other tools find monster'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -f -a "token" -d 'Print the token that opens monster serve\'s admin interface over TCP'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -f -a "install" -d 'Run monster serve in the background, from every sign-in on'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -f -a "uninstall" -d 'Stop what install started, and remove what it wrote'
complete -c monster -n "__fish_monster_using_subcommand serve; and not __fish_seen_subcommand_from run logs key env token install uninstall status" -f -a "status" -d 'Show what is installed, whether it runs, and who answers'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l listen -d 'Where to listen, in the place of `serve.listen`: 127.0.0.1:7766, unix:PATH; may be given several times' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l no-auth -d 'Ask callers at addresses of this machine for no key'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l plain -d 'Serve addresses beyond this machine without TLS: whoever is on the way reads keys, prompts and answers'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from run" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -s n -l last -d 'So many of the last requests' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -s f -l follow -d 'Go on with those to come, until Ctrl-C'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from logs" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -f -a "add" -d 'Make a key and print it, once'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -f -a "list" -d 'Show every key: what it may do, what it has cost, when it was last used'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -f -a "change" -d 'Change what a key may do; what is not named stays'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from key" -f -a "remove" -d 'Forget a key: nobody comes in with it any more'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l shell -d 'How the shell is spoken to' -r -f -a "posix\t'sh, bash, zsh, dash'
fish\t''
powershell\t''"
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from env" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l new -d 'Make another one first: the one before opens nothing any more, also in a monster serve that runs'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from token" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l listen -d 'Where to listen, in the place of `serve.listen`: 127.0.0.1:7766, unix:PATH; may be given several times' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l no-auth -d 'Ask callers at addresses of this machine for no key'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l plain -d 'Serve addresses beyond this machine without TLS: whoever is on the way reads keys, prompts and answers'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l socket -d 'Let systemd listen, and start monster with the first caller'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l print -d 'Print what would be written and run, and do nothing'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from install" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from uninstall" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand serve; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand setup" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand setup" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand setup" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand setup" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand setup" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand setup" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand setup" -l restore -d 'Where placeholders become your secrets again: off, text (in answers) or tools (in arguments of tools too)' -r -f -a "off\t''
text\t''
tools\t''"
complete -c monster -n "__fish_monster_using_subcommand setup" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand setup" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand setup" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand setup" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand setup" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand setup" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand setup" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand setup" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand setup" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand setup" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand setup" -l write -d 'Change the settings; the original is kept beside them as FILE.monster-backup'
complete -c monster -n "__fish_monster_using_subcommand setup" -l undo -d 'Take back what was written: the original as a whole, or only monster\'s own settings where you changed more since'
complete -c monster -n "__fish_monster_using_subcommand setup" -l key-stdin -d 'Read the access key from standard input and put it into the tool\'s settings, readable by you alone'
complete -c monster -n "__fish_monster_using_subcommand setup" -l no-auth -d 'Give the tool no key, for monster serve --no-auth'
complete -c monster -n "__fish_monster_using_subcommand setup" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -f -a "get" -d 'Print a setting\'s value'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -f -a "set" -d 'Change a setting in your settings file'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -f -a "unset" -d 'Take a setting out of your settings file'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -f -a "list" -d 'List every setting with its value and where it comes from'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -f -a "explain" -d 'Say what a setting means, which layers set it and which one wins'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -f -a "edit" -d 'Open your settings file in an editor'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -f -a "path" -d 'Print where your settings file lies'
complete -c monster -n "__fish_monster_using_subcommand config; and not __fish_seen_subcommand_from get set unset list explain edit path schema" -f -a "schema" -d 'Print the JSON Schema of the settings file'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from unset" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand config; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand doctor" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand doctor" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand doctor" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand doctor" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand doctor" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand doctor" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand doctor" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand doctor" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand doctor" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand doctor" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand doctor" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand doctor" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand doctor" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand doctor" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand doctor" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand doctor" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand doctor" -l report -d 'Print a text for a public issue: checks, settings without values, last failures; no secret, no name of yours'
complete -c monster -n "__fish_monster_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand completions" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand completions" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand completions" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand completions" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand completions" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand completions" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand completions" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand completions" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand completions" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand completions" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand completions" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand completions" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand completions" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand completions" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand completions" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand completions" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand completions" -s h -l help -d 'Print help'
complete -c monster -n "__fish_monster_using_subcommand man" -l model -d 'A role (fast, balanced, reasoning, long), a model, UPSTREAM/MODEL, or several separated by commas' -r
complete -c monster -n "__fish_monster_using_subcommand man" -l account -d 'Use only this account' -r
complete -c monster -n "__fish_monster_using_subcommand man" -l effort -d 'How hard to think: auto, none, minimal, low, medium, high, xhigh, max, tokens such as 8192, or bounds such as low..high' -r
complete -c monster -n "__fish_monster_using_subcommand man" -l max-cost -d 'Most a command may cost with all its requests, in dollars' -r
complete -c monster -n "__fish_monster_using_subcommand man" -l wait -d 'Wait for cooling routes as long as it takes, or this many seconds' -r
complete -c monster -n "__fish_monster_using_subcommand man" -l secrets -d 'What to do with secrets in what is sent: off, warn, redact, block; redact and scan look in every mode' -r
complete -c monster -n "__fish_monster_using_subcommand man" -l json -d 'Answer as JSON on standard output'
complete -c monster -n "__fish_monster_using_subcommand man" -s q -l quiet -d 'Nothing on standard error but errors'
complete -c monster -n "__fish_monster_using_subcommand man" -s v -l verbose -d 'Say more on standard error'
complete -c monster -n "__fish_monster_using_subcommand man" -l no-color -d 'No colour'
complete -c monster -n "__fish_monster_using_subcommand man" -l offline -d 'Ask no model; monster\'s own rules answer where they can'
complete -c monster -n "__fish_monster_using_subcommand man" -l no-fallback -d 'Neither another route nor the offline rules when the first route fails'
complete -c monster -n "__fish_monster_using_subcommand man" -l effort-strict -d 'Ask no model that cannot be held to that effort'
complete -c monster -n "__fish_monster_using_subcommand man" -l no-wait -d 'Never wait for cooling routes'
complete -c monster -n "__fish_monster_using_subcommand man" -l show-prompt -d 'Print exactly what would be sent, and send nothing'
complete -c monster -n "__fish_monster_using_subcommand man" -l no-store -d 'Keep nothing of this call in ledger and history; where a budget is set, what it costs stays in the ledger'
complete -c monster -n "__fish_monster_using_subcommand man" -s h -l help -d 'Print help'
