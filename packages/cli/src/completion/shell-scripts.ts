/** The shells that have a script. */
export const shells = ['bash', 'zsh', 'fish'] as const;

export type Shell = (typeof shells)[number];

/** For each shell what it reads to complete the command, which it asks for the words. */
export const shellScripts: Readonly<Record<Shell, string>> = {
  // Also for bash 3.2, which macOS has: without mapfile, and compopt only where there is one.
  bash: `# Completion of aftercommit for bash. In ~/.bashrc: eval "$(aftercommit completion bash)"
_aftercommit() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line file ending index
  local -a words=() lines=() endings=()
  COMPREPLY=()
  for ((index = 1; index <= COMP_CWORD; index++)); do
    # bash makes three words of --state=file.
    [[ "\${COMP_WORDS[index]}" == "=" && index -lt COMP_CWORD ]] || words+=("\${COMP_WORDS[index]}")
  done
  if [[ "$current" == "=" ]]; then
    current=""
    words[\${#words[@]}-1]=""
  fi
  while IFS= read -r line; do lines+=("$line"); done < <("\${COMP_WORDS[0]}" __complete -- "\${words[@]}" 2>/dev/null)
  if [[ "\${lines[0]-}" == ":files"* ]]; then
    read -r -a endings <<<"\${lines[0]#:files}"
    type compopt &>/dev/null && compopt -o filenames 2>/dev/null
    while IFS= read -r file; do
      if [[ -d "$file" || \${#endings[@]} -eq 0 ]]; then COMPREPLY+=("$file"); fi
      for ending in \${endings[@]+"\${endings[@]}"}; do
        [[ ! -d "$file" && "$file" == *."$ending" ]] && COMPREPLY+=("$file")
      done
    done < <(compgen -f -- "$current")
    return 0
  fi
  for line in \${lines[@]+"\${lines[@]}"}; do COMPREPLY+=("\${line%%$'\\t'*}"); done
}
complete -F _aftercommit aftercommit
`,
  zsh: `#compdef aftercommit
# Completion of aftercommit for zsh. In ~/.zshrc, below compinit: eval "$(aftercommit completion zsh)"
_aftercommit() {
  local -a given lines endings described
  local line word meaning
  given=("\${(@Q)words[2,CURRENT]}")
  lines=("\${(@f)$("\${(Q)words[1]}" __complete -- "\${given[@]}" 2>/dev/null)}")
  if [[ "$lines[1]" == ":files"* ]]; then
    endings=(\${=lines[1]#:files})
    if (( $#endings )); then _files -g "*.(\${(j:|:)endings})"; else _files; fi
    return
  fi
  for line in "\${lines[@]}"; do
    [[ -z "$line" ]] && continue
    word="\${line%%$'\\t'*}" meaning=""
    [[ "$line" == *$'\\t'* ]] && meaning="\${line#*$'\\t'}"
    described+=("\${word//:/\\\\:}\${meaning:+:$meaning}")
  done
  _describe -t words aftercommit described
}
if [[ "$funcstack[1]" == "_aftercommit" ]]; then _aftercommit "$@"; else compdef _aftercommit aftercommit; fi
`,
  fish: `# Completion of aftercommit for fish. In ~/.config/fish/config.fish: aftercommit completion fish | source
function __aftercommit_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l lines ($program __complete -- $words "$current" 2>/dev/null)
    if string match -q ':files*' -- "$lines[1]"
        set -l endings (string split -n ' ' -- "$lines[1]")
        set -e endings[1]
        if set -q endings[1]
            __fish_complete_path "$current" | string match -r '^[^\\t]*(?:/|\\.(?:'(string join '|' $endings)'))(?:\\t.*)?$'
        else
            __fish_complete_path "$current"
        end
    else
        printf '%s\\n' $lines
    end
end
complete -c aftercommit -f -a '(__aftercommit_complete)'
`,
};
